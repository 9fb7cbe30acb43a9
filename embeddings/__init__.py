"""Pictures to unit vectors: photos, backbones, compiled networks and the vector store."""

import sys

# Where OpenVINO finds this package, it tells Google Analytics of each import and each network that it converts, under a
# number for this machine that it writes into the home folder, and forks the process for each message.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # Python's way to say: not to be imported
