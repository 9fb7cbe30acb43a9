"""Products: the catalogue, search over it, its evaluation, and the app that shows them."""

import embeddings  # noqa: F401  # first of all: sets numpy's number of threads, which numpy reads only once
