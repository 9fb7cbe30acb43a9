"""The demo is built the way a real shop is, and leaves other homes alone."""

import shutil
from pathlib import Path

import pytest

from embeddings.models.runtime import Networks
from recsys.catalogue.products import catalogue_path, load_catalogue
from recsys.demo import shop as demo_shop
from recsys.demo.build import DemoReport, build_demo, needs_demo
from recsys.demo.growth import demo_folder
from recsys.errors import CatalogueError
from recsys.evaluation.labelled_photos import read_queries
from recsys.evaluation.runs import evaluate
from recsys.search.rankings import COSINE
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from tests.kept import lose_kept
from tests.recsys.demo.conftest import SIZE

pytestmark = pytest.mark.usefixtures("quick_calibration", "loaded_networks", "one_core")


def build(home: Path, networks: Networks, size: int = SIZE) -> DemoReport:
    return build_demo(home / "cache", networks, size=size, progress=lambda stage, done, total: None)


@pytest.fixture
def demo_home(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "home", symlinks=True)


def test_the_demo_can_be_searched_with_its_own_photos(demo_home: Path, networks: Networks) -> None:
    recommender = Recommender(Settings(home=demo_home))
    assert len(recommender.catalogue.products) == SIZE
    queries = read_queries(demo_folder(demo_home / "cache") / "queries.csv")
    (result,) = evaluate(recommender, queries, recommender.default_backbone(), [COSINE])
    assert result.groups["all"].means["hit@5"] > 0.5  # seeded_random is 5 of 24
    assert not result.skipped
    assert not needs_demo(demo_home / "cache", networks)


def test_building_it_again_changes_nothing(demo_home: Path, networks: Networks) -> None:
    report = build(demo_home, networks)
    assert (report.imported.unchanged, report.imported.imported) == (SIZE, 0)
    assert report.embedded.encoded == 0


def test_a_demo_without_vectors_or_catalogue_is_needed(demo_home: Path, networks: Networks, tmp_path: Path) -> None:
    assert needs_demo(tmp_path / "empty", networks)
    assert not needs_demo(Settings(home=tmp_path, RECSYS_CACHE=str(tmp_path / "shared")).cache, networks)
    lose_kept(demo_home / "cache")
    assert needs_demo(demo_home / "cache", networks)


def test_a_damaged_catalogue_of_the_demo_is_made_again(demo_home: Path, networks: Networks) -> None:
    catalogue_path(demo_home / "cache").write_text("broken")
    assert needs_demo(demo_home / "cache", networks)
    build(demo_home, networks)
    assert len(load_catalogue(demo_home / "cache").products) == SIZE


def test_a_smaller_demo_replaces_a_larger_one(
    demo_home: Path, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_shop, "MIN_QUERIES", 1)
    monkeypatch.setattr(demo_shop, "NUM_SAMPLES", 1)
    build(demo_home, networks, size=12)
    assert len(load_catalogue(demo_home / "cache").products) == 12


@pytest.mark.parametrize("damaged", [False, True])
def test_a_home_with_another_catalogue_is_refused(home: Path, networks: Networks, damaged: bool) -> None:
    path = catalogue_path(home / "cache")
    if damaged:
        path.write_text("broken")
    before = path.read_bytes()
    with pytest.raises(CatalogueError, match="holds another catalogue: choose another home with RECSYS_HOME"):
        build(home, networks)
    assert path.read_bytes() == before
    assert not demo_folder(home / "cache").exists()
