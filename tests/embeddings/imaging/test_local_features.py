import numpy as np

from embeddings.imaging.local_features import detect, root_sift, unit_descriptors
from embeddings.imaging.photos import RGB


def test_descriptors_have_length_one_but_for_rounding(photographs: dict[str, RGB]) -> None:
    features = detect(photographs["coffee"], side=300, most=200, contrast=0.02)
    assert len(features) == 200
    assert np.allclose(np.linalg.norm(unit_descriptors(features.descriptors), axis=1), 1, atol=0.03)


def test_root_sift_is_the_square_root_of_shares() -> None:
    descriptors = np.zeros((1, 128), np.float32)
    descriptors[0, :2] = (16, 48)  # shares of a quarter and three quarters
    expected = [round(512 * np.sqrt(0.25)), 255]  # sqrt(0.75) * 512 = 443 does not fit a byte
    assert root_sift(descriptors)[0, :2].tolist() == [min(255, expected[0]), 255]


def test_points_are_shares_of_the_longer_side(photographs: dict[str, RGB]) -> None:
    points = detect(photographs["coffee"], side=300, most=200, contrast=0.02).points  # 400 x 600
    assert points[:, 0].max() > 0.7
    assert points[:, 0].max() <= 1
    assert points[:, 1].max() <= 2 / 3


def test_a_picture_of_one_colour_has_no_keypoints() -> None:
    assert len(detect(np.full((50, 50, 3), 128, np.uint8), side=200, most=100, contrast=0.02)) == 0


def test_a_picture_of_a_single_pixel_has_no_keypoints() -> None:
    assert len(detect(np.zeros((1, 1, 3), np.uint8), side=200, most=100, contrast=0.02)) == 0
