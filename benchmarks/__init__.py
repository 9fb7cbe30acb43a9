"""Speed and memory, compared with the usual alternatives: `python -m benchmarks`."""

import embeddings  # noqa: F401  # first of all: sets numpy's number of threads, which numpy reads only once
