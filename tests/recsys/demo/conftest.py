from pathlib import Path

import pytest

from embeddings.models.runtime import Networks
from recsys.demo.build import build_demo
from recsys.demo.shop import create_shop
from tests.quick_calibration import quickly_calibrated

SIZE = 40
BUILT_SIZE = 24


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo shop, made once and only read."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    create_shop(folder, size=SIZE, workers=2)
    return folder


@pytest.fixture(scope="session")
def built(networks: Networks, networks_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with a smaller demo shop that was built at once; read only."""
    home = tmp_path_factory.mktemp("demo") / "a home? 100%20#"
    with quickly_calibrated():
        build_demo(home / "cache", networks, size=BUILT_SIZE, progress=lambda stage, done, total: None)
    (home / "cache" / "networks").symlink_to(networks_folder)
    return home
