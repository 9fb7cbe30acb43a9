import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings.models.runtime import Networks
from recsys.demo import shop as demo_shop
from recsys.demo import workshop
from recsys.demo.build import build_demo
from recsys.demo.growth import demo_folder
from recsys.demo.shop import create_shop
from tests.quick_calibration import quickly_calibrated

SIZE, QUERIES, SAMPLES, BATCH = 24, 5, 4, 8


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="package", autouse=True)
def few_photos() -> Iterator[None]:
    """Take a third of the photos, which take longest to draw; two processes still share them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_shop, "MIN_QUERIES", QUERIES)
        patch.setattr(demo_shop, "NUM_SAMPLES", SAMPLES)
        patch.setattr(workshop, "BATCH", BATCH)
        yield


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo shop, drawn by two processes; read only."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    create_shop(folder, size=SIZE, workers=2)
    return folder


@pytest.fixture(scope="package")
def built(shop: Path, networks: Networks, networks_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with that shop, built at once; read only."""
    home = tmp_path_factory.mktemp("demo") / "a home? 100%20#"
    shutil.copytree(shop, demo_folder(home / "cache"))
    with quickly_calibrated():
        build_demo(home / "cache", networks, size=SIZE, progress=lambda stage, done, total: None)
    (home / "cache" / "networks").symlink_to(networks_folder)
    return home


@pytest.fixture
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test's process draw the pictures of a shop itself: starting others takes longer than so few pictures."""
    monkeypatch.setattr("os.cpu_count", lambda: 1)
