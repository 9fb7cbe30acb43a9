"""Bytes of a picture to an RGB array: every format a phone or a shop produces, checked before it is decoded."""

import numpy as np
from numpy.typing import NDArray

RGB = NDArray[np.uint8]  # (height, width, 3)

MAX_BYTES = 10 * 1000 * 1000
MAX_PIXELS = 50_000_000
MIN_SIDE = 32
STUDY_SIDE = 240


def decode_photo(data: bytes, *, max_side: int | None = None) -> RGB:
    """Decode a picture into an upright RGB array of shape (height, width, 3), dtype uint8."""
    raise NotImplementedError


def resize_as_studied(photo: RGB) -> RGB:
    """Squash a photo to 240x240 with Pillow's bicubic filter, as the study did: (240, 240, 3)."""
    raise NotImplementedError


def resize_square(photo: RGB, side: int) -> RGB:
    """Squash a photo to (side, side, 3), bicubic."""
    raise NotImplementedError


def shrink_within(photo: RGB, side: int) -> RGB:
    """Shrink a photo, its aspect kept, so that neither side is longer than `side`; never enlarge it."""
    raise NotImplementedError


def encode_jpeg(photo: RGB, *, quality: int) -> bytes:
    """Encode an RGB array as JPEG without chroma subsampling."""
    raise NotImplementedError
