"""Pictures to unit vectors: photos, backbones, compiled networks and the vector store."""

import sys

# If OpenVINO finds this package, it reports each import and each converted network to Google Analytics, with an id for
# this machine that it writes into the home folder, and forks the process for each report.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # Python's way to forbid an import
