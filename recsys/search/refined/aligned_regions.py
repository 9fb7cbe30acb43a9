"""Aligned regions: whether a photo shows this packshot's print or a variant's, colours and words included.

Variants of a brand share most of their print, so nearly as many keypoints agree with each. Where keypoints agree, an
affine map lays the photo over the packshot, and the two can be compared place by place.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from embeddings.imaging.photos import RGB
from recsys.search.explanation import Agreement

_SIDE = 128  # pixels of the packshot's longer side: the letters of a name are still distinct
_WINDOW = (11, 11)  # pixels
_WEIGHTS = np.array([[1, 4, 4]], np.float32)  # of L, a and b of CIELAB: variants differ in colour, photos in lightness
_FAINT = 30.0  # a variance in CIELAB: below it, nothing is printed
_LEAST = 0.1  # the share of the packshot that must be in the photo


def aligned_likeness(photo: RGB, product: RGB, agreement: Agreement) -> float | None:
    """The similarity of a photo and a product where the photo shows it, from -1 to 1; None if it shows too little.

    The mean over the product of the normalized correlation (Lewis 1995, "Fast normalized cross-correlation") of the
    windows around each place, in CIELAB. The product is a trimmed packshot; `agreement` has at least three pairs.
    """
    print_of = resize(product, _SIDE)
    shown, inside = laid_over(photo, print_of.shape, agreement)
    if inside.mean() < _LEAST:
        return None
    return float((_correlation(_lab(print_of), _lab(shown), inside) * inside).sum() / inside.sum())


def resize(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Resize a picture, (height, width) or (height, width, 3), so that its longer side has `side` pixels."""
    scale = side / max(picture.shape[:2])
    height, width = (max(1, round(length * scale)) for length in picture.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8)


def laid_over(
    photo: NDArray[np.uint8], shape: tuple[int, ...], agreement: Agreement
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The photo laid over a packshot of this `shape`, and a mask: 1 inside the photo, 0 outside."""
    height, width = shape[:2]
    there = np.column_stack([agreement.packshot * max(height, width), np.ones(len(agreement))])
    affine = np.linalg.lstsq(there, agreement.photo * max(photo.shape[:2]), rcond=None)[0].T  # (2, 3)
    shrinks = np.sqrt(abs(np.linalg.det(affine[:, :2])))
    if shrinks > 1:
        photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), 0.4 * shrinks), np.uint8)
    flags, size = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR, (width, height)
    shown = np.asarray(cv2.warpAffine(photo, affine, size, flags=flags), np.uint8)
    inside = cv2.warpAffine(np.ones(photo.shape[:2], np.float32), affine, size, flags=flags)
    return shown, (inside > 1 - 1e-3).astype(np.float32)


def _lab(picture: RGB) -> NDArray[np.float32]:
    light = cv2.GaussianBlur(picture, (0, 0), 1).astype(np.float32) * np.float32(1 / 255)
    return np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2LAB), np.float32)


def _correlation(
    one: NDArray[np.float32], other: NDArray[np.float32], inside: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The normalized correlation of the windows around each place, (height, width), all channels together."""
    weight = 1 / np.maximum(cv2.blur(inside, _WINDOW), np.float32(1e-6))
    masks, weights = cv2.merge([inside] * 3), cv2.merge([weight] * 3)  # numpy is much slower at repeating a channel
    mean_one, mean_other = (cv2.blur(values * masks, _WINDOW) * weights for values in (one, other))

    def covariance(
        one: NDArray[np.float32], other: NDArray[np.float32], mean_one: NDArray[Any], mean_other: NDArray[Any]
    ) -> NDArray[np.float32]:
        together = cv2.blur(cv2.transform(one * other, _WEIGHTS) * inside, _WINDOW) * weight
        return np.asarray(together - cv2.transform(mean_one * mean_other, _WEIGHTS), np.float32)

    variance = covariance(one, one, mean_one, mean_one)
    variance_other = covariance(other, other, mean_other, mean_other)
    product = (np.maximum(variance, 0) + _FAINT) * (np.maximum(variance_other, 0) + _FAINT)
    return np.asarray(covariance(one, other, mean_one, mean_other) / np.sqrt(product), np.float32)
