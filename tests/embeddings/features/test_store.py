import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import VectorsError
from embeddings.features.store import VectorJournal, check_fit, check_unit_vectors, read_vectors, write_vectors
from embeddings.models.compiled import NetworkIdentity

NETWORK = NetworkIdentity("Tiny", "aa" * 32, "lite")
KEYS = ("k0", "k1", "k2")


def unit_vectors(count: int, dim: int = 8) -> np.ndarray:
    vectors = np.random.default_rng(1).normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    write_vectors(tmp_path, unit_vectors(3), KEYS, NETWORK, "f32")
    return tmp_path


def test_vectors_come_back_as_they_were_stored_and_memory_mapped(stored: Path) -> None:
    vectors = read_vectors(stored)
    np.testing.assert_array_equal(vectors.matrix, unit_vectors(3))
    assert isinstance(vectors.matrix, np.memmap)
    assert not vectors.matrix.flags.writeable
    assert (vectors.manifest.image_keys, vectors.manifest.identity, vectors.manifest.precision) == (
        KEYS,
        NETWORK,
        "f32",
    )


def test_an_empty_catalogue_has_an_empty_matrix(tmp_path: Path) -> None:
    write_vectors(tmp_path, np.empty((0, 8), np.float32), (), NETWORK, "f32")
    assert read_vectors(tmp_path).matrix.shape == (0, 8)


def test_a_reader_keeps_the_vectors_it_has_while_new_ones_are_stored(stored: Path) -> None:
    before = read_vectors(stored)
    write_vectors(stored, unit_vectors(5)[2:], KEYS, NETWORK, "f32")
    np.testing.assert_array_equal(before.matrix, unit_vectors(3))


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 2.0])
def test_what_is_no_unit_vector_is_never_stored(tmp_path: Path, value: float) -> None:
    vectors = unit_vectors(3)
    vectors[1] = value
    with pytest.raises(VectorsError, match="row 1"):
        write_vectors(tmp_path, vectors, KEYS, NETWORK, "f32")
    assert not list(tmp_path.iterdir())


def test_vectors_of_another_type_or_number_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="float64"):
        check_unit_vectors(unit_vectors(3).astype(np.float64))
    with pytest.raises(VectorsError, match="3 vectors for 2 images"):
        write_vectors(tmp_path, unit_vectors(3), KEYS[:2], NETWORK, "f32")


def flip_last_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "a flipped bit": lambda folder: flip_last_byte(folder / "vectors.npy"),
    "a matrix cut short": lambda folder: (folder / "vectors.npy").write_bytes(b"\x93NUMPY"),
    "no matrix": lambda folder: (folder / "vectors.npy").unlink(),
    "a matrix of other vectors": lambda folder: np.save(folder / "vectors.npy", unit_vectors(4)),
    "a manifest cut short": lambda folder: (folder / "manifest.json").write_text('{"format": 1'),
    "a manifest that is no object": lambda folder: (folder / "manifest.json").write_text("[]"),
    "a manifest of the future": lambda folder: (folder / "manifest.json").write_text('{"format": 99}'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_noticed(stored: Path, damage: str) -> None:
    DAMAGES[damage](stored)
    with pytest.raises(VectorsError, match="damaged"):
        read_vectors(stored)


def test_missing_vectors_are_told_from_damaged_ones(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="no vectors"):
        read_vectors(tmp_path)


@pytest.mark.parametrize(
    "network, keys, named",
    [
        (replace(NETWORK, backbone="Other"), KEYS, "another network"),
        (replace(NETWORK, weights_sha256="bb" * 32), KEYS, "another weights file"),
        (replace(NETWORK, preprocessing="caffe"), KEYS, "another preprocessing"),
        (replace(NETWORK, pictures="none"), KEYS, "another resizing"),
        (NETWORK, ("k0", "k1", "k3"), "1 of the pictures have no vector yet"),
    ],
)
def test_vectors_that_no_longer_fit_are_named(
    stored: Path, network: NetworkIdentity, keys: tuple[str, ...], named: str
) -> None:
    with pytest.raises(VectorsError, match=named):
        check_fit(read_vectors(stored).manifest, network, keys)


@pytest.mark.parametrize("keys", [("k1", "k0", "k2"), ("k2",), ("k2", "k0", "k2"), ()])
def test_vectors_of_more_pictures_fit_and_are_found_by_their_keys(stored: Path, keys: tuple[str, ...]) -> None:
    vectors = read_vectors(stored)
    check_fit(vectors.manifest, NETWORK, keys)
    np.testing.assert_array_equal(vectors.matrix_of(keys), vectors.matrix[[int(key[1:]) for key in keys]])


def test_vectors_of_another_precision_still_fit(stored: Path) -> None:
    manifest = stored / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"precision": "bf16"}))
    check_fit(read_vectors(stored).manifest, NETWORK, KEYS)


def key(number: int) -> str:
    return f"{number:064x}"


def test_a_journal_gives_back_what_was_appended_up_to_a_torn_record(tmp_path: Path) -> None:
    journal = VectorJournal(tmp_path, NETWORK, 8)
    journal.restart({})
    for number, vector in enumerate(unit_vectors(3)):
        journal.append(key(number), vector)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    read = VectorJournal(tmp_path, NETWORK, 8).read()
    assert list(read) == [key(0), key(1)]
    np.testing.assert_array_equal(read[key(1)], unit_vectors(3)[1])


def test_a_journal_ends_at_a_damaged_record(tmp_path: Path) -> None:
    journal = VectorJournal(tmp_path, NETWORK, 8)
    journal.restart({key(number): vector for number, vector in enumerate(unit_vectors(3))})
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert list(journal.read()) == [key(0)]


def test_a_journal_of_another_network_is_not_read(tmp_path: Path) -> None:
    VectorJournal(tmp_path, NETWORK, 8).restart({key(0): unit_vectors(1)[0]})
    assert VectorJournal(tmp_path, replace(NETWORK, weights_sha256="bb" * 32), 8).read() == {}
