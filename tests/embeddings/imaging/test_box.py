from math import inf, nan

import numpy as np
import pytest

from embeddings.imaging.box import MIN_BOX_SIDE, WHOLE, Box, proposed_box
from embeddings.imaging.framing import FRAMED, middle

PHOTO = np.arange(40 * 60 * 3, dtype=np.uint16).astype(np.uint8).reshape(40, 60, 3)


@pytest.mark.parametrize(
    ("numbers", "box"),
    [
        ((0.1, 0.2, 0.5, 0.6), (0.1, 0.2, 0.5, 0.6)),
        ((-0.5, 2.0, 0.5, 0.5), (0.0, 0.5, 0.5, 0.5)),  # pushed back in, with the same size
        ((0.9, 0.0, 0.5, 1.0), (0.5, 0.0, 0.5, 1.0)),
        ((0.0, 0.0, 7.0, 7.0), (0.0, 0.0, 1.0, 1.0)),
        ((0.5, 0.5, 0.0, -3.0), (0.5, 0.5, MIN_BOX_SIDE, MIN_BOX_SIDE)),
        ((0.12345, 0.0, 0.56789, 1.0), (0.123, 0.0, 0.568, 1.0)),
    ],
)
def test_a_box_is_kept_within_the_photo_and_large_enough(numbers, box) -> None:
    assert Box.within(*numbers) == Box(*box)


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_a_box_of_invalid_numbers_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="four finite numbers"):
        Box.within(0.1, 0.1, number, 0.5)


def test_the_whole_photo_is_cut_to_itself() -> None:
    assert np.array_equal(WHOLE.cut(PHOTO), PHOTO)


def test_a_box_cuts_the_rows_and_columns_that_it_covers() -> None:
    assert np.array_equal(Box(0.25, 0.5, 0.5, 0.25).cut(PHOTO), PHOTO[20:30, 15:45])


def test_every_box_within_a_tiny_photo_holds_a_pixel() -> None:
    tiny = np.zeros((3, 2, 3), np.uint8)
    for left in np.linspace(0, 1, 23):
        cut = Box.within(float(left), float(left), MIN_BOX_SIDE, MIN_BOX_SIDE).cut(tiny)
        assert min(cut.shape[:2]) >= 1


def test_the_proposed_box_is_the_middle_of_the_photo() -> None:
    box = proposed_box(PHOTO)
    assert box == Box(0.075, 0.075, 0.85, 0.85)
    assert Box.within(box.left, box.top, box.width, box.height) == box


@pytest.mark.parametrize("size", [(1280, 960), (1024, 768), (719, 1277), (333, 250)])
def test_the_proposed_box_is_the_part_used_without_a_frame(size: tuple[int, int]) -> None:
    height, width = size
    places = np.stack(np.mgrid[:height, :width].astype(np.int16), axis=-1)  # (height, width, 2): each pixel's own
    looked_at, proposed = middle(places, FRAMED), proposed_box(places).cut(places)
    for corner in ((0, 0), (-1, -1)):
        assert np.abs(looked_at[corner] - proposed[corner]).max() <= 1  # at most a pixel apart, by rounding
