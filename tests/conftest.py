"""Fixtures shared by tests of several folders: photographs, the compiled bundled network, a small real shop."""

import gc
import os
import shutil
import signal
import sqlite3  # noqa: F401  before TensorFlow, whose own SQLite, without FTS5, would else take its place
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx
import numpy as np
import pytest
from filelock import FileLock
from PIL import Image
from skimage import data
from werkzeug.serving import make_server

from embeddings.imaging.photos import RGB
from embeddings.models.backbones import BUNDLED_CHOICE, Backbone
from embeddings.models.runtime import Encoder, Networks
from embeddings.models.weights import WeightsFolders, WeightsLibrary
from embeddings.parallel import keep_numpy_to_one_core
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import load_catalogue
from recsys.indexing.calibration import calibrate_catalogue
from recsys.indexing.catalogue_descriptions import describe_catalogue
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.indexing.print_index_building import index_print
from recsys.search import networks as data_home_networks
from recsys.search.refined.kept_descriptions import fitting_descriptions
from recsys.settings import Settings
from tests.loaded_once import LoadedOnce
from tests.quick_calibration import quickly_calibrated
from tests.small_shop import write_shop

ROOT = Path(__file__).parents[1]
BROWSER = ROOT / "tests" / "browser"


def pytest_configure() -> None:
    """Collect garbage seldom: the tests end before it pays."""
    gc.set_threshold(100_000, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests: those that affect others run last.

    First the tests that build Keras networks, because the networks stay in memory; then those of the browser, because
    Playwright keeps an event loop running.
    """
    items.sort(key=lambda item: (BROWSER in item.path.parents, item.get_closest_marker("keras") is not None))


def pytest_collection_finish() -> None:
    """Use the cores as the app does, and exempt everything imported so far from garbage collection.

    On busy cores numpy's threads take ten times the CPU of one; collecting took an eighth of the pages' tests.
    """
    keep_numpy_to_one_core()
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Unfreeze the exempted objects: nanobind's modules would otherwise complain at the end."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the main module: AppTest replaces it with its script, which processes started by later tests would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let processes of the test be interrupted, even if the tests run as a background job, which ignores Ctrl+C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def photographs() -> dict[str, RGB]:
    """Photographs from scikit-image, by name; its own reader would import half of scipy."""
    files = [
        Path(data.__file__).with_name(name) for name in ("chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg")
    ]
    return {file.stem: np.array(Image.open(file)) for file in files}


@pytest.fixture(scope="session")
def networks_folder(request: pytest.FixtureRequest) -> Path:
    """Where compiled networks are kept between runs of the tests."""
    return Path(request.config.cache.mkdir("networks"))


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> WeightsLibrary:
    """Only the bundled weights."""
    folder = tmp_path_factory.mktemp("weights")
    return WeightsLibrary(WeightsFolders(folder / "fetched", folder / "added"))


@pytest.fixture(scope="session")
def networks(networks_folder: Path, library: WeightsLibrary) -> Networks:
    """The networks that the tests load."""
    return LoadedOnce(networks_folder, library)


@pytest.fixture
def loaded_networks(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every data home of the test use the tests' loaded networks, with the bundled one already loaded."""
    monkeypatch.setattr(data_home_networks, "Networks", LoadedOnce)


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


@pytest.fixture(scope="session")
def shop_csv(photographs: dict[str, RGB], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of 16 products in 4 categories; each picture is a quarter of a photograph."""
    return write_shop(tmp_path_factory.mktemp("shop"), photographs)


@pytest.fixture(scope="session")
def searchable_home(
    shop_csv: Path,
    bundled: Backbone,
    networks: Networks,
    networks_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A data home with that shop imported and embedded; do not change it, copy it with `home`."""
    home = tmp_path_factory.mktemp("home")
    import_catalogue(shop_csv, home / "cache")
    embed_catalogue(load_catalogue(home / "cache"), home / "cache", bundled, networks)
    (home / "cache" / "networks").symlink_to(networks_folder)
    return home


@pytest.fixture
def home(searchable_home: Path, tmp_path: Path) -> Path:
    """A separate data home for the test, with the shop imported and embedded."""
    return shutil.copytree(searchable_home, tmp_path / "home", symlinks=True)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes of one run of the tests share what one of them has made."""
    return Path(os.environ.get("KALCARE_TEST_RUN") or tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def described_home(
    searchable_home: Path,
    bundled: Backbone,
    networks: Networks,
    run_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """That data home, described for the refined ranking, with its print indexed, and calibrated; do not change it."""
    home, shared = tmp_path_factory.mktemp("described") / "home", run_folder / "described"
    with FileLock(run_folder / "described.lock"):
        if not shared.exists():
            shutil.copytree(searchable_home, home, symlinks=True)
            catalogue, cache = load_catalogue(home / "cache"), home / "cache"
            describe_catalogue(catalogue, cache, bundled, networks)
            index_print(catalogue, cache, fitting_descriptions(cache, bundled, catalogue, networks.identity(bundled)))
            calibrate_catalogue(catalogue, cache, bundled, networks)
            home.rename(shared)
    return shutil.copytree(shared, home, symlinks=True)


@pytest.fixture
def quick_calibration() -> Iterator[None]:
    """Calibrate with 3 staged packshots instead of 64, 2 s less of CPU: for tests that judge no match."""
    with quickly_calibrated():
        yield


@pytest.fixture
def settings(home: Path) -> Settings:
    """The settings of that home."""
    return Settings(home=home)


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """A bucket of a real S3 server on loopback, which everything finds through its environment."""
    from moto.server import create_backend_app  # noqa: PLC0415  # a quarter of the start of tests that need no bucket

    server = make_server("127.0.0.1", 0, create_backend_app("s3"), threaded=True)  # moto's own looks for the service
    Thread(target=server.serve_forever, daemon=True).start()  # of each request, a sixth of its CPU time
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "kalcare",
        "AWS_SECRET_ACCESS_KEY": "of a test",
    }
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in environment.items():
            patch.setenv(variable, value)
        httpx.put(f"{environment['AWS_ENDPOINT_URL']}/kalcare").raise_for_status()
        yield "s3://kalcare"
    server.shutdown()
