"""A growing demo shop ends up like one built at once, can be searched all the while, and continues after a stop."""

from pathlib import Path

import pytest

from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.runtime import Networks
from recsys.catalogue.products import load_catalogue
from recsys.demo.assortment import assortment
from recsys.demo.build import build_part
from recsys.demo.growing import grow
from recsys.demo.growth import demo_folder, is_unfinished
from recsys.demo.shop import SEED, growth_order
from recsys.evaluation.records import read_evaluations
from recsys.indexing.launch import jobs_of
from recsys.indexing.progress import Reporter, Stage
from recsys.search.rankings import RANKINGS
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from tests.recsys.demo.conftest import SIZE, contents

PART = 12

pytestmark = pytest.mark.usefixtures("quick_calibration", "loaded_networks", "one_core")


def nothing(stage: str, done: int, total: int) -> None:
    """Ignore progress."""


@pytest.fixture
def settings(tmp_path: Path, networks_folder: Path) -> Settings:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "networks").symlink_to(networks_folder)
    return Settings(home=tmp_path)


def test_the_first_three_hundred_products_show_every_category_and_pack() -> None:
    items = {item.product_id: item for item in assortment(5256, SEED)}
    order = growth_order()
    first = [items[one].line for one in order[:300]]
    assert {line.category for line in first} == {item.line.category for item in items.values()}
    assert {line.pack for line in first} == {item.line.pack for item in items.values()}
    assert len(order) == len(set(order)) == 5256


def test_only_a_home_of_its_own_waits_for_a_demo_shop(tmp_path: Path) -> None:
    assert is_unfinished(Settings(home=tmp_path).cache)
    assert not is_unfinished(Settings(home=tmp_path, RECSYS_CACHE=str(tmp_path / "shared")).cache)


def test_a_shop_that_grew_is_the_one_that_two_processes_draw_at_once(
    settings: Settings, networks: Networks, built: Path
) -> None:
    assert is_unfinished(settings.cache)
    build_part(settings.cache, networks, PART, size=SIZE, progress=nothing)
    part = load_catalogue(settings.cache)
    assert sorted(part.by_id) == sorted(growth_order(SIZE)[:PART])
    assert len(list((demo_folder(settings.cache) / "images").iterdir())) == PART
    assert is_unfinished(settings.cache)

    seen: list[int] = []

    class Searching(Reporter):
        """Searches whenever progress is reported, as a visitor does."""

        def __call__(self, stage: Stage, done: int = 0, total: int = 0) -> None:
            super().__call__(stage, done, total)
            recommender = Recommender(settings, networks=networks)
            seen.append(len(recommender.gallery.catalogue.products))
            assert all(status.is_ready for status in recommender.statuses() if status.backbone == BUNDLED_CHOICE)

    with jobs_of(settings).owned("demo") as report:
        report.__class__ = Searching
        grow(settings, report, size=SIZE, steps=(PART,), backbones=[BUNDLED_CHOICE])
    assert set(seen) == {PART, SIZE}
    assert not is_unfinished(settings.cache)
    measured = read_evaluations(settings.records).kept
    assert {(one.evaluation.backbone, one.data_set.num_products) for one in measured} == {(BUNDLED_CHOICE.name, SIZE)}
    assert {one.evaluation.ranking for one in measured} == RANKINGS.keys()
    assert load_catalogue(settings.cache).products == load_catalogue(built / "cache").products
    assert contents(demo_folder(settings.cache)) == contents(demo_folder(built / "cache"))
