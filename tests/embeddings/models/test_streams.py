"""Networks that are dropped as soon as a stream ends, which once hung forever inside OpenVINO."""

import subprocess
import sys
from pathlib import Path

DROPPED_AT_ONCE = """
import sys
from pathlib import Path
import numpy as np
from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.runtime import Networks
from embeddings.models.weights import WeightsFolders, WeightsLibrary
networks = Networks(Path(sys.argv[1]), WeightsLibrary(WeightsFolders(Path("none"), Path("none"))))
image = np.zeros((BUNDLED_CHOICE.input_side, BUNDLED_CHOICE.input_side, 3), np.uint8)
for _ in range(10):
    encoder = networks.catalogue_encoder(BUNDLED_CHOICE)
    assert sorted(tag for tag, _ in encoder.encode_stream((tag, image) for tag in range(7))) == list(range(7))
    del encoder
"""


def test_a_network_can_be_dropped_as_soon_as_its_stream_has_ended(networks_folder: Path, encoder: object) -> None:
    assert encoder  # already compiled
    subprocess.run([sys.executable, "-c", DROPPED_AT_ONCE, networks_folder], timeout=120, check=True)
