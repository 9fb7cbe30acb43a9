from pathlib import Path

import numpy as np
import pytest

from embeddings.features.descriptions import Patches, patches_of
from embeddings.imaging.framing import trim
from embeddings.imaging.photos import RGB, read_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import images_of
from recsys.search.explanation import Rectangle
from recsys.search.rankings import REFINED
from recsys.search.recommender import Recommender
from recsys.search.refined.patch_pairs import patch_pairs, patch_parts
from recsys.settings import Settings


def one_hot(places: list[int], num_patches: int, lengths: list[float]) -> np.ndarray:
    """A picture's patches (num_patches, 8): one-hot where `places` says so, otherwise zero."""
    patches = np.zeros((num_patches, 8), np.float32)
    for number, (place, length) in enumerate(zip(places, lengths, strict=True)):
        patches[place, number] = length
    return patches


def two_frames(first: np.ndarray) -> Patches:
    """The patches of a photo whose second frame shows nothing."""
    return patches_of(np.stack([first, np.zeros_like(first)]))


def test_a_square_picture_s_patches_are_its_grid_row_by_row() -> None:
    parts = patch_parts((100, 100), 4, 1.0)
    assert parts == [
        Rectangle(0.0, 0.0, 0.5, 0.5),
        Rectangle(0.5, 0.0, 1.0, 0.5),
        Rectangle(0.0, 0.5, 0.5, 1.0),
        Rectangle(0.5, 0.5, 1.0, 1.0),
    ]


def test_a_tall_picture_lies_in_the_middle_of_its_square() -> None:
    left, right = patch_parts((200, 100), 4, 1.0)[:2]  # the picture is half as wide as high
    assert (left.left, left.right, right.right) == (-0.25, 0.25, 0.75)


def test_patches_that_look_the_same_are_paired_and_the_longest_come_first() -> None:
    photo = two_frames(one_hot([0, 4, 8], 9, [1.0, 3.0, 2.0]))
    packshot = patches_of(one_hot([8, 3, 1], 9, [1.0, 3.0, 2.0])[np.newaxis])
    pairs = patch_pairs(photo, packshot, (90, 90), (90, 90))
    third, two_thirds = pytest.approx(1 / 3), pytest.approx(2 / 3)
    assert [(pair.photo.left, pair.photo.top) for pair in pairs] == [(third, third), (two_thirds, two_thirds), (0, 0)]
    # The packshot's square has a margin of 4% on each side: 1.08 wide, patches of 0.36 that begin at -0.04.
    assert [(pair.packshot.left, pair.packshot.top) for pair in pairs] == [
        (0.0, pytest.approx(0.32)),
        (pytest.approx(0.32), 0.0),
        (pytest.approx(0.68), pytest.approx(0.68)),
    ]
    assert [pair.likeness for pair in pairs] == pytest.approx([1.0, 1.0, 1.0])


def test_a_patch_of_white_padding_explains_nothing() -> None:
    photo = two_frames(one_hot([0, 4], 9, [3.0, 1.0]))  # a tall photo: the square's left third is outside it
    packshot = patches_of(one_hot([0, 4], 9, [3.0, 1.0])[np.newaxis])
    (pair,) = patch_pairs(photo, packshot, (90, 30), (90, 90))
    assert pair.photo == Rectangle(0.0, pytest.approx(1 / 3), pytest.approx(1 / 3), pytest.approx(2 / 3))


def test_one_part_of_the_photo_is_shown_once() -> None:
    photo = patches_of(np.stack([one_hot([4], 9, [1.0]), np.roll(one_hot([4], 9, [1.0]), 1, axis=1)]))
    packshot = patches_of((one_hot([0], 9, [1.0]) + np.roll(one_hot([8], 9, [1.0]), 1, axis=1))[np.newaxis])
    assert len(patch_pairs(photo, packshot, (90, 90), (90, 90))) == 1


def test_pictures_that_have_nothing_in_common_have_no_pairs() -> None:
    photo = two_frames(one_hot([4], 9, [1.0]))
    packshot = patches_of(np.roll(one_hot([4], 9, [1.0]), 3, axis=1)[np.newaxis])
    assert patch_pairs(photo, packshot, (90, 90), (90, 90)) == ()


def test_a_product_s_own_picture_agrees_with_it_point_by_point_and_part_by_part(
    described_home: Path, bundled: Backbone, networks: Networks
) -> None:
    settings = Settings(home=described_home)
    engine = Recommender(settings, networks)
    product = engine.catalogue.by_id["coffee-2"]
    packshot: RGB = trim(read_photo(images_of(settings.cache).display_path(product.image_key)))
    query = engine.encode(packshot, bundled, rankings=[REFINED], framed=packshot)
    size = packshot.shape[:2]
    explained = engine.explain(query, product, photo_size=size, packshot_size=size)
    assert explained.is_by_print
    # Keypoints come from two resizings, but their shares of the picture are the same.
    assert np.abs(explained.agreement.photo - explained.agreement.packshot).max() < 0.03
    assert explained.pairs
    for pair in explained.pairs:
        assert pair.photo.shared(pair.packshot) > 0.3 * pair.photo.area
    other = engine.catalogue.by_id["rocket-1"]
    assert not engine.explain(query, other, photo_size=size, packshot_size=size).is_by_print
