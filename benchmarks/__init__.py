"""Speed and memory, measured against what a user would use instead: `python -m benchmarks`."""

import embeddings  # noqa: F401  # first of all: it says how many threads numpy has, which numpy reads only once
