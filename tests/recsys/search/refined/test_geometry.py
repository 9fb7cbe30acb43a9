import cv2
import numpy as np
import pytest

from embeddings.imaging.local_features import LocalFeatures, detect
from embeddings.imaging.photos import RGB
from recsys.search.explanation import Agreement
from recsys.search.refined.geometry import verify

TURNED = np.array([[0.7, -0.2, 120.0], [0.2, 0.7, 10.0]])
NONE = LocalFeatures(np.empty((0, 2), np.float32), np.empty((0, 128), np.uint8))


def agreements(photo: LocalFeatures, packshots: list[LocalFeatures]) -> list[Agreement]:
    return list(verify(photo, packshots).agreements)


def _features(picture: RGB, most: int = 400) -> LocalFeatures:
    return detect(picture, side=400, most=most, contrast=0.02)


def _turned(picture: RGB) -> RGB:
    return np.asarray(cv2.warpAffine(picture, TURNED, (600, 600)), np.uint8)


def test_points_that_agree_are_those_that_the_known_map_moves_onto_each_other(photographs: dict[str, RGB]) -> None:
    packshot = photographs["coffee"]  # 400 x 600
    (found,) = agreements(_features(_turned(packshot)), [_features(packshot, 256)])
    assert len(found) >= 20
    expected = found.packshot * 600 @ TURNED[:, :2].T + TURNED[:, 2]
    distances = np.linalg.norm(found.photo * 600 - expected, axis=1)
    assert np.median(distances) < 3
    assert distances.max() < 0.014 * 600 * 2


def test_the_right_packshot_agrees_most(photographs: dict[str, RGB]) -> None:
    packshots = [_features(picture, 256) for picture in photographs.values()]
    counts = [len(found) for found in agreements(_features(_turned(photographs["astronaut"])), packshots)]
    right = list(photographs).index("astronaut")
    assert counts[right] >= 20
    assert max(count for place, count in enumerate(counts) if place != right) <= 8


def test_a_mirrored_picture_does_not_agree(photographs: dict[str, RGB]) -> None:
    mirrored = np.ascontiguousarray(photographs["coffee"][:, ::-1])
    (found,) = agreements(_features(mirrored), [_features(photographs["coffee"], 256)])
    assert len(found) <= 8


@pytest.mark.parametrize("few", [0, 1, 4])
def test_too_few_keypoints_agree_on_nothing(few: int, photographs: dict[str, RGB]) -> None:
    whole = _features(photographs["coffee"])
    part = LocalFeatures(whole.points[:few], whole.descriptors[:few])
    assert [len(found) for found in agreements(whole, [part])] == [0]
    assert [len(found) for found in agreements(part, [whole])] == [0]


def test_a_photo_is_matched_with_no_packshots_and_with_empty_ones(photographs: dict[str, RGB]) -> None:
    whole = _features(photographs["coffee"])
    assert agreements(whole, []) == []
    assert [len(found) for found in agreements(whole, [NONE, whole])] == [0, len(agreements(whole, [whole])[0])]


def test_the_result_is_always_the_same(photographs: dict[str, RGB]) -> None:
    photo, packshot = _features(_turned(photographs["coffee"])), _features(photographs["coffee"], 256)
    first, second = agreements(photo, [packshot])[0], agreements(photo, [packshot])[0]
    np.testing.assert_array_equal(first.photo, second.photo)


def test_votes_go_to_the_packshot_whose_print_the_photo_shows(photographs: dict[str, RGB]) -> None:
    names = list(photographs)
    packshots = [_features(photographs[name], 256) for name in names]
    for name in ("astronaut", "coffee"):
        votes = verify(_features(_turned(photographs[name])), packshots).votes
        assert names[int(votes.argmax())] == name


def test_print_that_all_packshots_share_votes_for_none(photographs: dict[str, RGB]) -> None:
    packshot = _features(photographs["coffee"], 256)
    votes = verify(_features(_turned(photographs["coffee"])), [packshot] * 12).votes
    np.testing.assert_allclose(votes, 0, atol=1e-3)
