"""Products: the catalogue, search over it, its evaluation, and the app that shows them."""

import embeddings  # noqa: F401  # first of all: it says how numpy's threads wait, which numpy reads only once
