"""What tests of several folders share: real photographs, the compiled bundled network, a small real shop."""

import os
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from embeddings.backbones import BUNDLED_CHOICE, Backbone
from embeddings.photos import RGB
from embeddings.runtime import Encoder, Networks

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def photographs() -> dict[str, RGB]:
    """Photographs that scikit-image ships, by name."""
    return {name: np.asarray(getattr(data, name)()) for name in ("chelsea", "coffee", "astronaut", "rocket")}


@pytest.fixture(scope="session")
def networks_folder(request: pytest.FixtureRequest) -> Path:
    """Where compiled networks are kept from one run of the tests to the next."""
    return Path(request.config.cache.mkdir("networks"))


@pytest.fixture(scope="session")
def networks(networks_folder: Path) -> Networks:
    """The networks that the tests load."""
    return Networks(networks_folder)


@pytest.fixture(scope="session")
def bundled() -> Backbone:
    """The backbone whose weights come with the requirements."""
    return BUNDLED_CHOICE


@pytest.fixture(scope="session")
def encoder(networks: Networks, bundled: Backbone) -> Encoder:
    """The bundled backbone, compiled."""
    return networks.encoder(bundled)


@pytest.fixture(scope="session")
def grocery() -> Path:
    """The real shop's packshots and photos, which are not part of the project."""
    folder = Path(os.environ.get("KALCARE_GROCERY", ROOT.parent / "shared" / "grocery"))
    if not (folder / "catalogue.csv").is_file():
        pytest.skip(f"no grocery photos in {folder}: set KALCARE_GROCERY to their folder")
    return folder
