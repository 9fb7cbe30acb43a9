from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest

from embeddings.features.descriptions import features_in
from embeddings.imaging.local_features import LocalFeatures, unit_descriptors
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import Catalogue, load_catalogue
from recsys.indexing import print_file, print_index_building
from recsys.indexing.print_index_building import index_print, trained_index
from recsys.search.refined.kept_descriptions import Descriptions, fitting_descriptions
from recsys.search.refined.print_index import PrintIndex, kept_print, print_folder, read_manifest


@pytest.fixture(scope="module")
def catalogue(described_home: Path) -> Catalogue:
    return load_catalogue(described_home / "cache")


@pytest.fixture(scope="module")
def descriptions(described_home: Path, catalogue: Catalogue, bundled: Backbone, networks: Networks) -> Descriptions:
    return fitting_descriptions(described_home / "cache", bundled, catalogue, networks.identity(bundled))


@pytest.fixture(scope="module")
def features(descriptions: Descriptions) -> Callable[[int], LocalFeatures]:
    return lambda row: features_in(descriptions.read(np.array([row]))[0])


def loaded(cache: Path, catalogue: Catalogue) -> PrintIndex:
    part = kept_print(cache, catalogue)
    assert part is not None
    return PrintIndex([part])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, descriptions: Descriptions) -> Path:
    cache = tmp_path_factory.mktemp("print")
    assert index_print(catalogue, cache, descriptions) == 16
    return cache


def test_each_packshot_s_keypoints_vote_for_their_product(
    built: Path, catalogue: Catalogue, features: Callable[[int], LocalFeatures]
) -> None:
    index = loaded(built, catalogue)
    assert len(index) == 16
    assert [int(index.votes(features(row)).argmax()) for row in range(16)] == list(range(16))


def test_votes_are_those_of_a_loop_over_keypoints(
    built: Path, catalogue: Catalogue, features: Callable[[int], LocalFeatures]
) -> None:
    part = kept_print(built, catalogue)
    assert part is not None
    photo = features(3)
    squared, pictures = part.index.search(photo.descriptors.astype(np.float32) / 512, 40)
    expected = np.zeros(16)
    for distances, near in zip(np.sqrt(np.maximum(squared, 0)), pictures, strict=True):
        for picture in set(near):
            expected[picture] += distances[-1] - distances[near == picture].min()
    np.testing.assert_allclose(PrintIndex([part]).votes(photo), expected, rtol=1e-4, atol=1e-4)


def test_a_photo_without_keypoints_votes_for_nothing(built: Path, catalogue: Catalogue) -> None:
    nothing = LocalFeatures(np.empty((0, 2), np.float32), np.empty((0, 128), np.uint8))
    assert not loaded(built, catalogue).votes(nothing).any()


def test_two_catalogues_vote_as_one(
    built: Path, catalogue: Catalogue, features: Callable[[int], LocalFeatures]
) -> None:
    part = kept_print(built, catalogue)
    assert part is not None
    both = PrintIndex([part, part])
    votes = both.votes(features(5))
    assert len(both) == 32
    assert set(np.argsort(-votes)[:2]) == {5, 21}
    np.testing.assert_allclose(votes[:16], votes[16:])


def test_new_products_are_added_without_training_again(
    tmp_path: Path, catalogue: Catalogue, descriptions: Descriptions, features: Callable[[int], LocalFeatures]
) -> None:
    first = replace(descriptions, image_keys=descriptions.image_keys[:8])
    assert index_print(replace(catalogue, products=catalogue.products[:8]), tmp_path, first) == 8
    assert kept_print(tmp_path, catalogue) is None
    assert index_print(catalogue, tmp_path, descriptions) == 8
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert manifest.num_trained == 8
    assert int(loaded(tmp_path, catalogue).votes(features(12)).argmax()) == 12
    assert index_print(catalogue, tmp_path, descriptions) == 0
    assert len(list(print_folder(tmp_path).glob("*.faiss"))) == 1


def test_products_that_left_get_no_votes_and_do_not_shift_the_others(
    tmp_path: Path, catalogue: Catalogue, descriptions: Descriptions, features: Callable[[int], LocalFeatures]
) -> None:
    index_print(catalogue, tmp_path, descriptions)
    smaller = replace(catalogue, products=catalogue.products[2:])
    index = loaded(tmp_path, smaller)
    assert [int(index.votes(features(row)).argmax()) for row in (2, 9, 15)] == [0, 7, 13]


def test_an_index_of_mostly_removed_products_is_rebuilt(
    tmp_path: Path, catalogue: Catalogue, descriptions: Descriptions
) -> None:
    index_print(catalogue, tmp_path, descriptions)
    few = replace(catalogue, products=catalogue.products[:4])
    part = replace(descriptions, image_keys=descriptions.image_keys[:4])
    assert index_print(few, tmp_path, part) == 4


def test_a_damaged_index_is_not_read_and_is_rebuilt(
    tmp_path: Path, catalogue: Catalogue, descriptions: Descriptions
) -> None:
    index_print(catalogue, tmp_path, descriptions)
    (path,) = print_folder(tmp_path).glob("*.faiss")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    assert kept_print(tmp_path, catalogue) is None
    assert index_print(catalogue, tmp_path, descriptions) == 16
    assert kept_print(tmp_path, catalogue) is not None


def test_a_keypoint_takes_at_most_forty_bytes_and_its_share_of_the_lists(built: Path, catalogue: Catalogue) -> None:
    part = kept_print(built, catalogue)
    assert part is not None
    (path,) = print_folder(built).glob("*.faiss")
    lists = part.index.nlist * 128 * 4 + 16 * 128 * 4
    blocks = part.index.nlist * 32 * 32  # a list's codes are in blocks of 32
    assert path.stat().st_size <= 40 * part.index.ntotal + lists + blocks + 4096


def test_the_file_holds_what_faiss_itself_would_hold_in_memory(
    tmp_path: Path,
    catalogue: Catalogue,
    descriptions: Descriptions,
    features: Callable[[int], LocalFeatures],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(print_file, "_AT_ONCE", 300)
    monkeypatch.setattr(print_index_building, "_PER_LIST", 50)
    first = replace(descriptions, image_keys=descriptions.image_keys[:8])
    index_print(replace(catalogue, products=catalogue.products[:8]), tmp_path, first)
    index_print(catalogue, tmp_path, descriptions)
    part = kept_print(tmp_path, catalogue)
    assert part is not None
    trained_by = np.concatenate([features(row).descriptors for row in range(8)])
    expected = trained_index(trained_by, len(trained_by))
    for row in range(16):
        expected.add_with_ids(unit_descriptors(features(row).descriptors), np.full(len(features(row)), row))
    assert part.index.nlist == expected.nlist > 8
    for row in (3, 12):
        queries = unit_descriptors(features(row).descriptors)
        np.testing.assert_array_equal(part.index.search(queries, 40), expected.search(queries, 40))


def test_a_graph_finds_the_lists_where_there_are_many(
    tmp_path: Path,
    catalogue: Catalogue,
    descriptions: Descriptions,
    features: Callable[[int], LocalFeatures],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(print_index_building, "_PER_LIST", 50)
    monkeypatch.setattr(print_index_building, "_MOST_COMPARED", 8)
    index_print(catalogue, tmp_path, descriptions)
    part = kept_print(tmp_path, catalogue)
    assert part is not None
    assert isinstance(faiss.downcast_index(part.index.quantizer), faiss.IndexHNSWFlat)
    votes = PrintIndex([part]).votes
    assert [int(votes(features(row)).argmax()) for row in range(16)] == list(range(16))


def test_a_catalogue_of_plain_pictures_has_an_index_of_nothing() -> None:
    index = trained_index(np.empty((0, 128), np.uint8), 0)
    assert index.nlist == 1
    assert index.ntotal == 0
