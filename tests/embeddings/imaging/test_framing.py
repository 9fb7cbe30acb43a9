import numpy as np
import pytest

from embeddings.imaging.framing import middle, pad_to_square, product_square, trim
from embeddings.imaging.photos import RGB


def _packshot(ground: tuple[int, int, int]) -> RGB:
    picture = np.full((100, 140, 3), ground, np.uint8)
    picture[20:80, 50:70] = (200, 30, 30)
    return picture


@pytest.mark.parametrize("ground", [(255, 255, 255), (20, 20, 20), (240, 235, 250)])
def test_a_plain_background_is_trimmed_whatever_its_colour(ground: tuple[int, int, int]) -> None:
    assert trim(_packshot(ground)).shape == (60, 20, 3)


def test_a_plain_background_with_jpeg_noise_is_trimmed_as_well() -> None:
    noise = np.random.default_rng(0).integers(-6, 1, (100, 140, 3))
    picture = np.clip(_packshot((255, 255, 255)).astype(int) + noise, 0, 255).astype(np.uint8)
    assert trim(picture).shape == (60, 20, 3)


def test_a_picture_of_one_colour_is_returned_whole() -> None:
    plain = np.full((30, 40, 3), 250, np.uint8)
    assert trim(plain).shape == plain.shape


def test_a_photo_without_a_plain_background_is_returned_whole(photographs: dict[str, RGB]) -> None:
    assert trim(photographs["coffee"]).shape == photographs["coffee"].shape


def test_a_square_holds_the_picture_in_its_middle() -> None:
    square = pad_to_square(np.zeros((10, 4, 3), np.uint8))
    assert square.shape == (10, 10, 3)
    assert (square[:, 3:7] == 0).all()
    assert (square[:, :3] == 255).all()
    assert (square[:, 7:] == 255).all()


def test_a_trimmed_packshot_has_a_margin_of_four_hundredths() -> None:
    assert product_square(trim(_packshot((255, 255, 255)))).shape == (65, 65, 3)  # 60 * 1.08


def test_the_middle_of_a_photo_keeps_its_aspect(photographs: dict[str, RGB]) -> None:
    photo = photographs["coffee"]  # 400 x 600
    assert middle(photo, 0.5).shape == (200, 300, 3)
    np.testing.assert_array_equal(middle(photo, 0.5), photo[100:300, 150:450])
