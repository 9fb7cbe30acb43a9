"""The searched part of a photo: a box in fractions of the photo, whatever its size in pixels."""

import math
from dataclasses import dataclass

import numpy as np

from embeddings.imaging.framing import FRAMED
from embeddings.imaging.photos import RGB

MIN_BOX_SIDE = 0.1
"""A box's smallest share of the photo's width, and of its height: less shows too little of a product."""


@dataclass(frozen=True)
class Box:
    """A box in a photo; `left` and `width` are shares of the photo's width, `top` and `height` of its height."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def within(cls, left: float, top: float, width: float, height: float) -> "Box":
        """The box nearest to these numbers that lies within the photo and is not too small.

        Raises ValueError if one of them is not a finite number.
        """
        if not all(map(math.isfinite, (left, top, width, height))):
            raise ValueError(f"Expected four finite numbers, got {(left, top, width, height)}.")
        # Thousandths are finer than anyone can point, and make boxes that were moved back equal again.
        width, height = (round(min(1.0, max(MIN_BOX_SIDE, side)), 3) for side in (width, height))
        left = round(min(max(0.0, left), 1 - width), 3)
        return cls(left, round(min(max(0.0, top), 1 - height), 3), width, height)

    def cut(self, photo: RGB) -> RGB:
        """The photo's pixels within the box; at least one in each direction."""
        rows = _span(self.top, self.height, photo.shape[0])
        columns = _span(self.left, self.width, photo.shape[1])
        return np.ascontiguousarray(photo[rows, columns])


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def proposed_box(photo: RGB) -> Box:
    """Where the product in a visitor's photo is likely to be: in the middle, as for photos that nobody frames."""
    margin = (1 - FRAMED) / 2
    return Box.within(margin, margin, FRAMED, FRAMED)


def _span(start: float, share: float, pixels: int) -> slice:
    first = min(round(start * pixels), pixels - 1)
    return slice(first, max(first + 1, round((start + share) * pixels)))
