"""Why two pictures match: where the same print is on both, and which parts look the same."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Size = tuple[int, int]
"""A picture's height and width."""

_FEWEST_POINTS = 8  # twice as many as agree between any two pictures


@dataclass(frozen=True)
class Agreement:
    """The keypoints that agree: `photo` and `packshot` (n, 2), as shares of each picture's longer side.

    Of `num_pairs` that look alike, these are the pairs that one map explains.
    """

    photo: NDArray[np.float32]
    packshot: NDArray[np.float32]
    num_pairs: int

    def __len__(self) -> int:
        return len(self.photo)


NOTHING_AGREES = Agreement(np.empty((0, 2), np.float32), np.empty((0, 2), np.float32), 0)


@dataclass(frozen=True)
class Rectangle:
    """A rectangle of a picture, its edges in shares of the picture's longer side."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """The size of the part; 0 if it lies outside the picture."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def shared(self, other: "Rectangle") -> float:
        """The size of the overlap."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Rectangle(left, top, min(self.right, other.right), min(self.bottom, other.bottom)).area


@dataclass(frozen=True)
class PatchPair:
    """Two parts that look alike: each is the other's best match. `likeness` is their cosine."""

    photo: Rectangle
    packshot: Rectangle
    likeness: float


@dataclass(frozen=True)
class Explanation:
    """Where a photo and a packshot agree: their print, and the most telling pairs of patches, best first."""

    agreement: Agreement
    pairs: tuple[PatchPair, ...]

    @property
    def is_by_print(self) -> bool:
        """Whether enough print agrees to be shown as the reason; otherwise the patches are shown."""
        return len(self.agreement) >= _FEWEST_POINTS
