"""The index of a shared store's versions: files that are added, stay and are removed."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import VectorsError
from embeddings.features import lance_index, lance_store
from embeddings.features.lance_index import LanceIndex
from embeddings.features.lance_store import LanceStore
from embeddings.features.store import Records
from embeddings.models.compiled import NetworkIdentity
from tests.small_disk import small_disk

NETWORK = NetworkIdentity("Tiny", "aa" * 32, "lite")
TYPE = np.dtype([("key", "S64"), ("vector", "<f4", (64,)), ("num_points", "<u2")])
SIZE = 600


def keys(first: int, last: int) -> list[str]:
    return [f"{number:064x}" for number in range(first, last)]


def made(image_keys: list[str]) -> Records:
    """Records of these pictures, always the same; only their positions in a store matter here."""
    records = np.zeros(len(image_keys), TYPE)
    for record, key in zip(records, image_keys, strict=True):
        vector = np.random.default_rng(int(key, 16)).normal(size=64)
        record["key"], record["vector"] = key.encode(), vector / np.linalg.norm(vector)
    return records


def opened(folder: Path, machine: str = "one", above: int = 300) -> LanceStore:
    return LanceStore(str(folder / "kept"), folder / machine, TYPE, fresh_seconds=0, most_exact=above, is_reduced=True)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store whose version has an index; only read."""
    folder = tmp_path_factory.mktemp("published")
    store = opened(folder)
    store.write(NETWORK, "f32", made(keys(0, SIZE)))
    store.publish(NETWORK, keys(0, SIZE))
    return folder


@pytest.fixture
def store(published: Path, tmp_path: Path) -> LanceStore:
    """A store of the test's own, with the same published."""
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    return opened(tmp_path)


@pytest.fixture(scope="module")
def index(published: Path) -> LanceIndex:
    """The published index."""
    store = opened(published)
    index = store.index(store.version())
    assert index is not None
    return index


@pytest.fixture(autouse=True)
def few_recalled(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the recall of every other index with 16 of its rows instead of 256, 0.6 s less of CPU for each."""
    monkeypatch.setattr(lance_index, "_NUM_ASKED", 16)


def assert_found(store: LanceStore, image_keys: list[str]) -> None:
    """Check that every picture's vector is there, and nothing else, and that a tenth find themselves."""
    version = store.version()
    index = store.index(version)
    assert index is not None
    assert index.reduction is not None
    assert sorted(index.image_keys) == sorted(image_keys)
    places, vectors = index.places(image_keys), index.reduction.reduced(made(image_keys)["vector"])
    np.testing.assert_allclose(index.vectors(places), vectors, atol=1e-6)
    for place, vector in list(zip(places.tolist(), vectors, strict=True))[::10]:
        rows, found = index.nearest(vector, 5)
        assert rows[0] == place
        np.testing.assert_allclose(found[0], vector, atol=1e-6)
    np.testing.assert_array_equal(store.matrix(version), made(list(version.image_keys))["vector"])


def test_every_picture_is_the_nearest_to_its_own_vector(index: LanceIndex) -> None:
    vectors = index.vectors(np.arange(SIZE))
    assert [index.nearest(vector, 5)[0][0] for vector in vectors] == list(range(SIZE))


def test_only_a_large_version_has_an_index(store: LanceStore, tmp_path: Path) -> None:
    assert store.version().recall == pytest.approx(1, abs=0.02)
    assert_found(opened(tmp_path, "other"), keys(0, SIZE))
    store.publish(NETWORK, keys(0, 300))
    assert store.version().recall is None
    assert store.index(store.version()) is None
    opened(tmp_path, above=10).publish(NETWORK, keys(0, 256))  # too few to learn from
    assert store.version().recall is None


@pytest.mark.parametrize(
    "first, last", [(20, None), (150, None), (400, None), (570, None), (SIZE, None), (0, None), (0, 450), (0, 30)]
)
def test_the_nearest_of_the_allowed_rows_are_found(index: LanceIndex, first: int, last: int | None) -> None:
    vectors = index.vectors(np.arange(SIZE))
    order = np.argsort(-(vectors @ vectors[7]))
    allowed = np.zeros(SIZE, np.bool_)
    allowed[order[first:last]] = True
    rows, found = index.nearest(vectors[7], 64, allowed)
    assert allowed[rows].all()
    assert len(rows) == min(64, allowed.sum())
    assert rows[:1].tolist() == order[first:last][:1].tolist()
    np.testing.assert_array_equal(found, vectors[rows])


def test_the_next_version_shares_the_files_that_it_has_in_common(store: LanceStore, tmp_path: Path) -> None:
    other = opened(tmp_path, "other")
    assert_found(other, keys(0, SIZE))
    before = {path.name for path in (tmp_path / "kept" / "index").rglob("*") if path.is_file()}
    store.write(NETWORK, "f32", made(keys(SIZE, 640)))
    store.publish(NETWORK, keys(7, 640)[::-1])
    assert_found(other, keys(7, 640)[::-1])
    assert_found(store, keys(7, 640)[::-1])
    after = {path.name for path in (tmp_path / "kept" / "index").rglob("*") if path.is_file()}
    assert before < after
    (vectors,) = (name for name in before if ".lance." in name)
    copies = list((tmp_path / "other").rglob(vectors.rpartition(".")[0]))
    assert [path.stat().st_nlink for path in copies] == [2, 2]


def test_a_reader_keeps_the_index_that_it_has_while_the_next_is_published(store: LanceStore, tmp_path: Path) -> None:
    reader = opened(tmp_path, "other")
    before = reader.index(reader.version())
    assert before is not None
    store.publish(NETWORK, keys(0, 400))
    assert len(before.nearest(before.vectors(np.array([3]))[0], 5)[0]) == 5
    assert_found(reader, keys(0, 400))


def test_another_machine_adds_to_the_index(store: LanceStore, tmp_path: Path) -> None:
    other = opened(tmp_path, "other")
    other.write(NETWORK, "f32", made(keys(SIZE, 610)))
    other.publish(NETWORK, keys(0, 610))
    assert_found(store, keys(0, 610))


@pytest.mark.parametrize("wanted", [keys(0, 400), keys(0, 2500)], ids=["shrunk", "outgrown"])
def test_lists_that_no_longer_fit_are_rebuilt(store: LanceStore, tmp_path: Path, wanted: list[str]) -> None:
    if len(wanted) > SIZE:
        store.write(NETWORK, "f32", made(wanted[SIZE:]))
    store.publish(NETWORK, wanted)
    index = opened(tmp_path, "other").index(store.version())
    assert index is not None
    assert sorted(index.image_keys) == wanted
    rebuilt = {path.name.rpartition(".")[0] for path in (tmp_path / "kept" / "index").rglob("*.lance.*")}
    assert len(rebuilt) == 2  # nothing was added to the old files


def test_vectors_of_another_network_have_an_index_of_their_own(store: LanceStore) -> None:
    other = replace(NETWORK, weights_sha256="bb" * 32)
    changed = made(keys(0, SIZE))
    changed["vector"] = changed["vector"][::-1]
    store.write(other, "f32", changed)
    store.publish(other, keys(0, SIZE))
    index = store.index(store.version())
    assert index is not None
    assert index.reduction is not None
    rows, _ = index.nearest(index.reduction.reduced(changed["vector"][:1])[0], 1)
    assert rows.tolist() == index.places(keys(0, 1)).tolist()


def test_products_that_share_a_picture_share_a_row(store: LanceStore, tmp_path: Path) -> None:
    store.publish(NETWORK, [*keys(0, SIZE), *keys(0, SIZE)])
    index = store.index(store.version())
    assert index is not None
    assert len(index) == SIZE
    assert len(store.matrix(store.version())) == 2 * SIZE


def test_a_picture_without_a_row_leaves_what_was_published(store: LanceStore) -> None:
    before = store.number()
    with pytest.raises(VectorsError, match="1 of the pictures have no vector yet"):
        store.publish(NETWORK, keys(0, SIZE + 1))
    assert store.number() == before
    assert_found(store, keys(0, SIZE))


def test_files_that_no_version_needs_are_removed_after_a_while(
    store: LanceStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance_store, "_READ_FOR", lance_store.timedelta(seconds=-60))
    for last in (SIZE - 1, SIZE - 2, SIZE - 3):
        store.publish(NETWORK, keys(0, last))
    manifests = list((tmp_path / "kept" / "index").rglob("*.manifest.*"))
    assert len(manifests) == 2  # of the current version and of the previous one
    assert len(list((tmp_path / "one").glob("*.index"))) == 2


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        store = LanceStore(str(tmp_path / "kept"), disk / "one", TYPE, fresh_seconds=0, most_exact=300)
        store.write(NETWORK, "f32", made(keys(0, 9000)))
        with pytest.raises(OSError, match="No space left"):
            store.publish(NETWORK, keys(0, 9000))
    assert opened(tmp_path).kept(NETWORK) == set(keys(0, 9000))
