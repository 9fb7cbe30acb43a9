"""Pictures to unit vectors: photos, backbones, compiled networks and the vector store."""

import os

# Each visitor's search has a thread of its own. With threads in numpy's matrix products as well, searches wait for each
# other, and the network for cores on which OpenBLAS spins: with four visitors at once half as many photos a second were
# answered. What gains from more cores uses threads of ours. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
