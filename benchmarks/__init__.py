"""Speed and memory, compared with the usual alternatives: `python -m benchmarks`."""

import embeddings  # noqa: F401  # before OpenVINO, of which it forbids parts
