"""Pictures to unit vectors: photos, backbones, compiled networks and the vector store."""

import sys

# If OpenVINO finds this package, it reports each import and each converted network to Google Analytics, with an id for
# this machine that it writes into the home folder, and forks the process for each report.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # Python's way to forbid an import

# OpenVINO's converter, with what it imports, is 0.2 s of each start; only the process that compiles networks needs it.
sys.modules["openvino.tools.ovc"] = None  # type: ignore[assignment]
