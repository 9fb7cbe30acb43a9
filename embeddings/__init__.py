"""Pictures to unit vectors: photos, backbones, compiled networks and the vector store."""

import os

# numpy's OpenBLAS lets its threads spin for 2^26 cycles after each product, in case of another; the network, which
# has threads of its own, then waits for cores that do nothing. Read when numpy is first imported, in powers of two.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "8")
