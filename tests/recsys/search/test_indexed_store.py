"""A catalogue searched by its store's index, compared with an exhaustive search: the demo's, of 144 products."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from embeddings.features import lance_index, lance_store
from embeddings.features.store import Store, batched
from embeddings.imaging.framing import FRAMED, middle
from embeddings.imaging.photos import read_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.packshots import kept_packshot
from recsys.catalogue.products import Product, catalogue_json, catalogue_path, images_of, load_catalogue, maker_mark
from recsys.catalogue.sharing import SharedFiles
from recsys.demo import shop, workshop
from recsys.demo.build import build_demo
from recsys.demo.growth import demo_folder
from recsys.evaluation.labelled_photos import read_queries
from recsys.indexing.preparation import encode_what_is_kept
from recsys.operations.checks import State, run_checks
from recsys.search import index, kept_vectors
from recsys.search.kept_vectors import vectors_folder, vectors_store
from recsys.search.ranking import Query, Ranking
from recsys.search.rankings import COSINE, RANKINGS, REFINED
from recsys.search.recalls import recalls_text
from recsys.search.recommender import Recommender
from recsys.search.refined.kept_descriptions import descriptions_store
from recsys.search.refined.print_index import kept_print, read_manifest
from recsys.settings import Settings, load_settings
from tests.command_line import recsys
from tests.quick_calibration import quickly_calibrated

SIZE, ABOVE, NUM_PHOTOS = 144, 128, 4  # the index takes reduced vectors of 8, 16, ... numbers: as many as products
LEAST = 256  # the smallest RECSYS_INDEX_ABOVE
STORES = (vectors_store, descriptions_store)


@pytest.fixture(scope="module", autouse=True)
def _quickly_made() -> Iterator[None]:
    """Draw only the photos that are needed and few others, and index half as many rows, asking for 64 of them."""
    with quickly_calibrated(), pytest.MonkeyPatch.context() as patch:
        for name, number in {"NUM_QUERIES": 0, "MIN_QUERIES": NUM_PHOTOS, "NUM_SAMPLES": 1}.items():
            patch.setattr(shop, name, number)
        patch.setattr(workshop, "BATCH", 2 * SIZE)  # drawn by this process, before others would have started
        patch.setattr(lance_index, "_NUM_ASKED", 64)
        patch.setattr(lance_store, "LEAST_ROWS", ABOVE)
        patch.setattr(kept_vectors, "load_settings", half_above)
        yield


def half_above() -> Settings:
    """The settings, with half of RECSYS_INDEX_ABOVE."""
    settings = load_settings()
    return settings.model_copy(update={"index_above": settings.index_above // 2})


@pytest.fixture(scope="module")
def whole(networks: Networks, networks_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data home that is searched exhaustively."""
    settings = Settings(home=tmp_path_factory.mktemp("whole"))
    build_demo(settings.cache, networks, size=SIZE, progress=lambda stage, done, total: None)
    (settings.cache / "networks").symlink_to(networks_folder)
    return settings


@pytest.fixture(scope="module")
def indexed(
    whole: Settings, bundled: Backbone, networks: Networks, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """A data home with the same catalogue, its vectors and descriptions in a shared folder, and indexed."""
    folder = tmp_path_factory.mktemp("indexed")
    settings = Settings(home=folder / "home", cache_address=str(folder / "shared"))
    shutil.copytree(whole.cache, settings.cache, ignore=shutil.ignore_patterns("store.*", "*.npy"), symlinks=True)
    maker_mark(settings.cache).touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_INDEX_ABOVE", str(LEAST))
        for store_of in STORES:
            move(whole, settings, store_of, bundled)
        encode_what_is_kept(settings.cache, bundled, networks, progress=lambda *_: None)
    return settings


def move(whole: Settings, settings: Settings, store_of: Callable[[Path, Backbone], Store], bundled: Backbone) -> None:
    """Write the rows of one home's store into another's, as `embed` does."""
    source, target = store_of(whole.cache, bundled), store_of(settings.cache, bundled)
    version = source.version()
    for keys in batched(dict.fromkeys(version.image_keys), 64):
        target.write(version.identity, version.precision, source.read(version, keys))


@pytest.fixture(scope="module")
def queries(whole: Settings, bundled: Backbone, networks: Networks) -> list[Query]:
    """The demo's photos, encoded for both rankings."""
    recommender = Recommender(whole, networks)
    photos = [read_photo(query.photo) for query in read_queries(demo_folder(whole.cache) / "queries.csv")]
    return [recommender.encode(photo, bundled, rankings=[REFINED], framed=middle(photo, FRAMED)) for photo in photos]


def found(recommender: Recommender, query: Query, *, ranking: Ranking = COSINE, **how: Any) -> list[tuple[str, float]]:
    result = recommender.search(query, ranking=ranking, **how)
    return [(match.product.product_id, round(match.similarity, 5)) for match in result.matches]


@pytest.fixture
def same_print(whole: Settings, indexed: Settings, tmp_path: Path) -> Settings:
    """The exhaustively searched home, with the other one's print index."""
    settings = Settings(home=tmp_path / "same print")
    shutil.copytree(whole.cache, settings.cache, ignore=shutil.ignore_patterns("print"), symlinks=True)
    shutil.copytree(indexed.cache / "print", settings.cache / "print")
    return settings


@pytest.mark.parametrize("ranking", RANKINGS.values(), ids=str)
def test_the_same_matches_are_found(
    same_print: Settings, indexed: Settings, queries: list[Query], networks: Networks, ranking: Ranking
) -> None:
    one, other = Recommender(same_print, networks), Recommender(indexed, networks)
    products = one.catalogue.products
    category = {product.product_id for product in products if product.category == products[0].category}
    others = {product.product_id for product in products} - category
    for query in queries:
        for some in (None, category, others):
            expected = found(one, query, ranking=ranking, allowed_ids=some)
            assert found(other, query, ranking=ranking, allowed_ids=some) == expected


def test_no_process_reads_all_vectors(
    indexed: Settings, queries: list[Query], networks: Networks, bundled: Backbone
) -> None:
    recommender = Recommender(indexed, networks)
    recommender.load(bundled)
    for ranking in RANKINGS.values():
        recommender.search(queries[0], ranking=ranking)
    assert not list(indexed.home.rglob("*.npy"))


def test_all_products_are_ranked_and_likeness_is_measured_as_without_an_index(
    whole: Settings,
    indexed: Settings,
    queries: list[Query],
    networks: Networks,
    bundled: Backbone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index, "_MOST_PICKED", 64)
    one, other = Recommender(whole, networks), Recommender(indexed, networks)
    assert other.likeness(bundled) == one.likeness(bundled)
    for query in queries[:3]:
        ranked = [recommender.rank_all(query) for recommender in (one, other)]
        assert sorted(ranked[1]) == list(range(SIZE))
        np.testing.assert_array_equal(ranked[1][:100], ranked[0][:100])


def test_the_print_is_mapped_and_not_read(indexed: Settings) -> None:
    part = kept_print(indexed.cache, load_catalogue(indexed.cache))
    assert part is not None
    lists = faiss.downcast_InvertedLists(faiss.downcast_index(part.index).invlists)
    assert isinstance(lists, faiss.OnDiskInvertedLists)
    assert part.index.ntotal > 100 * SIZE


def test_what_the_index_finds_is_told(indexed: Settings, networks: Networks, bundled: Backbone) -> None:
    recalls = Recommender(indexed, networks).recalls(bundled)
    assert set(recalls) == {"vectors", "candidates", "print"}
    assert all(0.98 <= recall <= 1 for recall in recalls.values())
    (check,) = run_checks(indexed, ["index"])
    assert check.state is State.OK
    told = ", ".join(f"{recall:.3f} of the {name}" for name, recall in recalls.items())
    assert f"{bundled.name}: an index finds {told} that exact search finds" in check.detail
    listed = recsys("backbones", home=indexed.home, RECSYS_CACHE=indexed.cache_address)
    assert listed.stdout.splitlines()[-1] == check.detail


def test_an_index_that_misses_much_is_warned_of() -> None:
    text = recalls_text({"vectors": 1.0, "candidates": 0.979})
    assert text.endswith("less than 0.98, so matches are missed; embed with a higher RECSYS_INDEX_ABOVE")
    assert recalls_text({}) == ""


def test_without_an_index_none_is_told_of(whole: Settings, networks: Networks, bundled: Backbone) -> None:
    assert Recommender(whole, networks).recalls(bundled) == {}
    (check,) = run_checks(whole, ["index"])
    assert check.detail == "none: all vectors are compared"


@pytest.fixture
def copied(indexed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of the indexed home, to be changed."""
    monkeypatch.setenv("RECSYS_INDEX_ABOVE", str(LEAST))
    settings = Settings(home=tmp_path / "home", cache_address=str(tmp_path / "shared"))
    shutil.copytree(indexed.cache_address, settings.cache_address)
    ignored = shutil.ignore_patterns("store.*", "*.index")
    shutil.copytree(indexed.cache, settings.cache, ignore=ignored, symlinks=True)
    return settings


def test_products_that_come_are_found_and_those_that_go_are_not(
    copied: Settings, bundled: Backbone, networks: Networks
) -> None:
    catalogue = load_catalogue(copied.cache)
    reader = Recommender(copied, networks)
    new = catalogue.products[-1]
    query = reader.encode(kept_packshot(images_of(copied.cache), new.image_key), bundled)

    def publish(products: Sequence[Product]) -> None:
        less = replace(catalogue, products=tuple(products))
        catalogue_path(copied.cache).write_text(catalogue_json(less), encoding="utf-8")
        encode_what_is_kept(copied.cache, bundled, networks, progress=lambda *_: None)

    publish(catalogue.products[:-8])
    assert new.product_id not in {name for name, _ in found(reader, query, top=SIZE)}
    publish(catalogue.products)
    assert found(reader, query)[0][0] == new.product_id
    assert set(reader.recalls(bundled)) == {"vectors", "candidates", "print"}
    publish(catalogue.products[:ABOVE])  # too few for an index
    assert reader.recalls(bundled) == {}
    manifest = read_manifest(copied.cache)
    assert manifest is not None
    assert manifest.recall is None  # it is of the fast kind again
    assert new.product_id not in {name for name, _ in found(reader, query, top=SIZE)}


def test_who_fetches_the_catalogue_follows_the_machine_that_makes_it(
    copied: Settings, bundled: Backbone, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Settings(home=copied.home.with_name("other"), cache_address=copied.cache_address)
    other.cache.mkdir(parents=True)
    (other.cache / "networks").symlink_to(copied.cache / "networks")
    for above, others_above, is_indexed in ((LEAST, 100_000, True), (100_000, LEAST, False)):
        monkeypatch.setenv("RECSYS_INDEX_ABOVE", str(above))
        encode_what_is_kept(copied.cache, bundled, networks, progress=lambda *_: None)
        SharedFiles(copied.cache).send()
        SharedFiles(other.cache).fetch()
        print_before = read_manifest(other.cache)
        monkeypatch.setenv("RECSYS_INDEX_ABOVE", str(others_above))
        encode_what_is_kept(other.cache, bundled, networks, progress=lambda *_: None)
        for machine in (copied, other):
            assert bool(Recommender(machine, networks).recalls(bundled)) == is_indexed
        assert read_manifest(other.cache) == print_before


def test_a_damaged_copy_of_the_index_is_fetched_again(
    copied: Settings, queries: list[Query], networks: Networks, bundled: Backbone
) -> None:
    expected = found(Recommender(copied, networks), queries[0], ranking=REFINED)
    for path in vectors_folder(copied.cache, bundled).rglob("*.index/**/*.*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-9])
    assert found(Recommender(copied, networks), queries[0], ranking=REFINED) == expected


def test_damage_of_the_index_is_named_and_mended_by_the_next_run(
    copied: Settings, queries: list[Query], networks: Networks, bundled: Backbone
) -> None:
    expected = found(Recommender(copied, networks), queries[0])
    shutil.rmtree(vectors_folder(copied.cache, bundled))
    for path in Path(copied.cache_address).rglob("vectors/index/**/*.idx.*"):
        path.write_bytes(path.read_bytes()[:-9])
    problem = Recommender(copied, networks).search_problem(bundled)
    assert "is damaged (not what was published)" in str(problem)
    assert "\n" not in str(problem)
    encode_what_is_kept(copied.cache, bundled, networks, progress=lambda *_: None)
    assert found(Recommender(copied, networks), queries[0]) == expected
