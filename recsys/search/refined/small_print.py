"""Small print: which of several packshots that differ in a line or two a photo shows.

The sizes of a product share their picture, so keypoints and aligned regions choose between them by chance. But where
two packshots differ is known without the photo, and only there it has to be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from embeddings.imaging.photos import RGB
from embeddings.parallel import on_all_cores
from recsys.search.explanation import Agreement
from recsys.search.refined.aligned_regions import laid_over, resize

Gray = NDArray[np.uint8]  # (height, width)

_SIDE = 480  # pixels of the packshot's longer side: the digits of a quantity are legible
_BLUR = 0.8  # pixels
_ALIKE, _ALIKE_SIDE = 0.95, 128  # packshots with this correlation, at this many pixels, differ in a line or two
_UNTIL = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 20, 1e-4)
_DIFFERING_SIDE = 320
_NEAR = np.ones((3, 3), np.uint8)  # pixels: edges this close are the same
_DIFFERS = 25  # of 255
_WORD = np.ones((5, 11), np.uint8)  # pixels: letters this close form one place
_EDGE = 5  # pixels
_MOST_PLACES = 12
_AROUND = 6  # pixels of a place's surroundings that are compared with it
_SEARCH = 6  # pixels: how far a line moves between sizes, or on a bent pack
_MOVED = 0.05  # how dissimilar a line is that has only moved


@dataclass(frozen=True)
class _Place:
    """A place where two packshots differ: its corners in pixels, and its share of the difference."""

    left: int
    top: int
    right: int
    bottom: int
    worth: float

    def cut(self, picture: NDArray[np.uint8], more: int = 0) -> NDArray[np.uint8]:
        """The place cut out of a picture, with `more` pixels on each side."""
        return picture[max(0, self.top - more) : self.bottom + more, max(0, self.left - more) : self.right + more]


@dataclass(frozen=True)
class _Packshot:
    """A packshot as compared with another: blurred, and small with the extremes around each pixel."""

    blurred: Gray
    small: Gray
    brightest: Gray
    darkest: Gray

    @classmethod
    def of(cls, picture: Gray) -> "_Packshot":
        small = resize(picture, _DIFFERING_SIDE)
        return cls(_blurred(picture), small, np.asarray(cv2.dilate(small, _NEAR)), np.asarray(cv2.erode(small, _NEAR)))

    def beyond(self, other: "_Packshot") -> Gray:
        """How far each pixel is outside everything that the other shows near it."""
        brighter, darker = cv2.subtract(self.small, other.brightest), cv2.subtract(other.darkest, self.small)
        return np.asarray(cv2.max(brighter, darker), np.uint8)


def told_by_small_print(photo: RGB, products: Sequence[RGB], agreements: Sequence[Agreement]) -> list[float]:
    """How much more similar to the photo each product is than the first where the two differ, from -2 to 2.

    0 for the first, for one that differs from it in more than a line or two, and if the photo does not show the places.
    Products are trimmed packshots; each agreement has at least three pairs.
    """
    if len(products) < 2:
        return [0.0] * len(products)
    first, *others = (resize(_gray(product), _SIDE) for product in products)
    shown, inside = laid_over(_gray(photo), first.shape, agreements[0])
    shown, seen, one = _blurred(shown), inside.astype(np.uint8), _Packshot.of(first)

    def told(number: int) -> float:
        other = _aligned(first, others[number - 1], agreements[0], agreements[number])
        return _compare_places(shown, seen, one, _Packshot.of(other)) if other is not None else 0.0

    return [0.0, *on_all_cores(told, range(1, len(products)))]


def _aligned(first: Gray, other: Gray, of_first: Agreement, of_other: Agreement) -> Gray | None:
    """The other packshot, aligned with the first; None if they differ in more than a line or two.

    Their positions over the photo give a rough alignment, which is then refined (Evangelidis and Psarakis 2008,
    doi:10.1109/TPAMI.2008.113).
    """
    affine = (np.linalg.inv(_to_photo(of_other)) @ _to_photo(of_first))[:2]  # (2, 3)
    affine[:, 2] *= _ALIKE_SIDE
    one, another = resize(first, _ALIKE_SIDE), resize(other, _ALIKE_SIDE)
    start, everywhere = affine.astype(np.float32), np.ones_like(another)
    try:
        alike, found = cv2.findTransformECC(one, another, start, cv2.MOTION_AFFINE, _UNTIL, everywhere, gaussFiltSize=3)
    except cv2.error:  # it does not converge
        return None
    if alike < _ALIKE:
        return None
    exact = np.asarray(found, np.float64)
    exact[:, 2] *= _SIDE / _ALIKE_SIDE
    flags, size = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR, first.shape[::-1]
    return np.asarray(cv2.warpAffine(other, exact, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _compare_places(shown: Gray, seen: Gray, first: _Packshot, other: _Packshot) -> float:
    total = worth = 0.0
    for place in _differing(first, other):
        part = place.cut(first.blurred), place.cut(other.blurred)
        if not place.cut(seen, _SEARCH).all() or min(part[0].std(), part[1].std()) < 1:
            continue
        unlike = 1 - _found_in(place.cut(other.blurred, _SEARCH), part[0]) - _MOVED
        if unlike <= 0:
            continue
        there = place.cut(shown, _SEARCH)
        total += place.worth * unlike * (_found_in(there, part[1]) - _found_in(there, part[0]))
        worth += place.worth * unlike
    return total / worth if worth else 0.0


def _found_in(picture: Gray, part: Gray) -> float:
    """The normalized correlation of a part with the most similar place in a picture."""
    return float(cv2.matchTemplate(picture, part, cv2.TM_CCOEFF_NORMED).max())


def _differing(first: _Packshot, other: _Packshot) -> list[_Place]:
    """The places where two aligned packshots differ most."""
    beyond = cv2.max(first.beyond(other), other.beyond(first))
    difference = cv2.threshold(beyond, _DIFFERS, 255, cv2.THRESH_TOZERO)[1]
    difference[:_EDGE] = difference[-_EDGE:] = difference[:, :_EDGE] = difference[:, -_EDGE:] = 0
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(cv2.dilate(difference, _WORD))
    differs = difference > 0
    worth = np.bincount(labels[differs], weights=difference[differs], minlength=count)
    height, width = first.blurred.shape
    places = []
    for number in np.argsort(-worth, kind="stable")[: min(_MOST_PLACES, count - 1)]:
        left, top, across, down = (round(length * _SIDE / _DIFFERING_SIDE) for length in boxes[number, :4].tolist())
        right, bottom = min(width, left + across + _AROUND), min(height, top + down + _AROUND)
        places.append(_Place(max(0, left - _AROUND), max(0, top - _AROUND), right, bottom, float(worth[number])))
    return places


def _to_photo(agreement: Agreement) -> NDArray[np.float64]:
    """The affine map from packshot to photo, both in shares: (3, 3)."""
    there = np.column_stack([agreement.packshot, np.ones(len(agreement))])
    return np.vstack([np.linalg.lstsq(there, agreement.photo, rcond=None)[0].T, [0, 0, 1]])


def _gray(picture: RGB) -> Gray:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _blurred(picture: Gray) -> Gray:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _BLUR), np.uint8)
