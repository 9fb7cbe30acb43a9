"""Pictures to encode: crops of photographs, all different, in the catalogue's format."""

import numpy as np
from skimage import data

from embeddings.imaging.photos import encode_jpeg, resize_as_studied

CROP_SIDE = 200


def packshots(count: int) -> list[bytes]:
    """JPEG files of 240x240 pixels."""
    random = np.random.default_rng(0)
    photos = [getattr(data, name)() for name in ("chelsea", "coffee", "astronaut", "rocket")]
    files = []
    for number in range(count):
        photo = photos[number % len(photos)]
        top, left = (random.integers(0, side - CROP_SIDE) for side in photo.shape[:2])
        crop = photo[top : top + CROP_SIDE, left : left + CROP_SIDE]
        files.append(encode_jpeg(resize_as_studied(np.ascontiguousarray(crop)), quality=97))
    return files
