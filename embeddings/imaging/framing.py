"""Framing: the part of a packshot or a photo that the refined ranking compares."""

import cv2
import numpy as np

from embeddings.imaging.photos import RGB

FRAMED = 0.85
"""The part of a photo used if nobody framed it: this share of its sides, in the middle."""

_TOLERANCE = 12  # of 255: noise that JPEG adds to a plain background
MARGIN = 0.04  # of the product's longer side
_SMALLEST = 8  # pixels: anything smaller is dust, not a product
_WHITE = 255  # one number for all three channels: filling with a colour takes twenty times as long


def trim(packshot: RGB) -> RGB:
    """Cut off the plain background around a product: (height, width, 3), at least one pixel each.

    The background has the brightness and colour of the median of the outermost pixels. A picture without a plain
    background is returned whole.
    """
    outermost = np.concatenate([packshot[0], packshot[-1], packshot[:, 0], packshot[:, -1]])
    ground = np.median(outermost, axis=0)
    darkest, brightest = (np.clip(ground + by, 0, 255).astype(np.uint8) for by in (-_TOLERANCE, _TOLERANCE))
    differs = cv2.inRange(packshot, darkest, brightest) == 0  # (height, width)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if min(len(rows), len(columns)) < _SMALLEST:
        return packshot
    return np.ascontiguousarray(packshot[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def pad_to_square(picture: RGB, *, margin: float = 0.0) -> RGB:
    """Centre a picture on a white square, with a margin as a share of its longer side."""
    height, width = picture.shape[:2]
    side = round(max(height, width) * (1 + 2 * margin))
    top, left = (side - height) // 2, (side - width) // 2
    square = np.full((side, side, 3), _WHITE, np.uint8)
    square[top : top + height, left : left + width] = picture
    return square


def product_square(product: RGB) -> RGB:
    """A trimmed product on a white square with a small margin: (side, side, 3)."""
    return pad_to_square(product, margin=MARGIN)


def middle(picture: RGB, share: float) -> RGB:
    """The middle of a picture, `share` of its height and of its width."""
    height, width = picture.shape[:2]
    rows, columns = (max(1, round(side * share)) for side in (height, width))
    top, left = (height - rows) // 2, (width - columns) // 2
    return np.ascontiguousarray(picture[top : top + rows, left : left + columns])
