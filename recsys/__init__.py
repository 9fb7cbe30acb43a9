"""Products: the catalogue, search over it, its evaluation, and the app that shows them."""

import embeddings  # noqa: F401  # first of all: it says how many threads numpy has, which numpy reads only once
