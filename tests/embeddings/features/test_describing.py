import numpy as np
import pytest

from embeddings.features.describing import FRAMES, PICTURE_SIDE, describable, frames_of
from embeddings.imaging.framing import middle, pad_to_square
from embeddings.imaging.photos import RGB, resize_square


@pytest.mark.parametrize("side", [224, 331])
def test_the_frames_are_those_of_all_the_photos_pixels(side: int, photographs: dict[str, RGB]) -> None:
    photo = np.repeat(np.repeat(photographs["coffee"], 2, axis=0), 2, axis=1)  # 800x1200
    for frame, share in zip(frames_of(describable(photo, side), side), FRAMES, strict=True):
        whole = resize_square(pad_to_square(middle(photo, share)), side)
        assert frame.shape == (side, side, 3)
        assert np.abs(frame.astype(int) - whole).mean() < 3


def test_the_closer_frame_is_never_enlarged(photographs: dict[str, RGB]) -> None:
    for side in (224, 331):
        assert max(middle(describable(photographs["coffee"], side), FRAMES[1]).shape) >= side
        assert max(describable(photographs["coffee"], side).shape) >= PICTURE_SIDE


def test_a_small_photo_stays_as_it_is(photographs: dict[str, RGB]) -> None:
    small = photographs["coffee"][:100, :100]
    np.testing.assert_array_equal(describable(small, 224), small)
