"""Barcodes in a query photo: the product numbers, which outweigh any similarity."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from embeddings.imaging.box import Box
from embeddings.imaging.photos import QUERY_SIDE, RGB, shrink_within

_FORMATS = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.EAN13, zxingcpp.BarcodeFormat.EAN8, zxingcpp.BarcodeFormat.UPCA]
)
_MAX_CODES = 8
_Gray = NDArray[np.uint8]  # (height, width)
_Affine = NDArray[np.float64]  # (2, 3)


@dataclass(frozen=True)
class Barcode:
    """A code's digits, with a valid check digit, and its middle as shares of the photo's width and height."""

    gtin: str
    x: float
    y: float


def read_barcodes(photo: RGB) -> tuple[Barcode, ...]:
    """Read the EAN-13, EAN-8 and UPC-A codes of a photo (height, width, 3), at any angle; at most 8.

    A photo of more than QUERY_SIDE pixels on a side is scaled down to that first, so that reading never takes long.
    """
    gray: _Gray = np.asarray(cv2.cvtColor(shrink_within(photo, QUERY_SIDE), cv2.COLOR_RGB2GRAY), np.uint8)
    found = _read(gray) or _read_slanted(gray)
    unique = {gtin: (x, y) for gtin, x, y in reversed(found[:_MAX_CODES])}
    height, width = gray.shape
    return tuple(Barcode(gtin, x / width, y / height) for gtin, (x, y) in reversed(unique.items()))


def searched_gtins(barcodes: Sequence[Barcode], box: Box, *, is_chosen: bool) -> tuple[str, ...]:
    """The numbers of the codes in the searched box; of all codes if it has none and was not chosen by the visitor."""
    within = [
        code
        for code in barcodes
        if box.left <= code.x <= box.left + box.width and box.top <= code.y <= box.top + box.height
    ]
    return tuple(code.gtin for code in (within if within or is_chosen else barcodes))


def _read(gray: _Gray) -> list[tuple[str, float, float]]:
    """The digits and the middle, in pixels, of each code."""
    codes = []
    for code in zxingcpp.read_barcodes(gray, formats=_FORMATS, try_invert=False):
        corners = (code.position.top_left, code.position.bottom_right)
        codes.append((code.text, sum(corner.x for corner in corners) / 2, sum(corner.y for corner in corners) / 2))
    return codes


def _read_slanted(gray: _Gray) -> list[tuple[str, float, float]]:
    """Read the picture rotated by 45 degrees: zxing scans rows and columns, and misses codes in between."""
    height, width = gray.shape
    side = round((height + width) * 0.5**0.5)
    turn: _Affine = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), 45, 1.0))
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    # Fill the corners with the photo's own gray: white would spoil the threshold that zxing computes per row.
    slanted: _Gray = np.asarray(cv2.warpAffine(gray, turn, (side, side), borderValue=float(gray.mean())), np.uint8)
    back: _Affine = np.asarray(cv2.invertAffineTransform(turn))
    return [(gtin, *(back @ (x, y, 1.0)).tolist()) for gtin, x, y in _read(slanted)]
