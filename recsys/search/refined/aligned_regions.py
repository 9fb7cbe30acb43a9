"""Aligned regions: whether what a photo shows on a packshot's print is that packshot's, colours and words included.

Variants of a brand share most of their print, so that nearly as many keypoints agree with each. Where they agree, an
affine map lays the photo over the packshot, and the two can be compared place by place.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from embeddings.imaging.framing import trimmed
from embeddings.imaging.photos import RGB
from recsys.search.refined.geometry import Agreement

_SIDE = 128  # pixels of the packshot's longer side: letters of a name can still be told
_WINDOW = (11, 11)  # pixels
_COLOUR = 2.0  # what a and b of CIELAB weigh against L: variants differ in colour, photos in light
_FAINT = 30.0  # a variance in CIELAB: where there is less, nothing is printed
_LEAST = 0.1  # of the packshot that has to be in the photo


def aligned_likeness(photo: RGB, packshot: RGB, agreement: Agreement) -> float | None:
    """How alike a photo and a packshot are where the photo shows it, from -1 to 1; None where it shows too little.

    The mean over the packshot of the normalized correlation (Lewis 1995, "Fast normalized cross-correlation") of the
    windows around each place, in CIELAB. The pictures are whole, as those that were described; `agreement` holds three
    pairs at least.
    """
    print_of = _resized(trimmed(packshot))
    shown, inside = _laid_over(photo, print_of.shape[:2], agreement)
    if inside.mean() < _LEAST:
        return None
    return float((_correlation(_lab(print_of), _lab(shown), inside) * inside).sum() / inside.sum())


def _resized(product: RGB) -> RGB:
    scale = _SIDE / max(product.shape[:2])
    height, width = (max(1, round(length * scale)) for length in product.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(product, (width, height), interpolation=method), np.uint8)


def _laid_over(photo: RGB, shape: tuple[int, ...], agreement: Agreement) -> tuple[RGB, NDArray[np.float32]]:
    """The photo as it lies over a packshot of `shape`, and where it does: 1 inside of the photo, 0 outside."""
    there = np.column_stack([agreement.packshot * _SIDE, np.ones(len(agreement))])
    affine = np.linalg.lstsq(there, agreement.photo * max(photo.shape[:2]), rcond=None)[0].T  # (2, 3)
    shrinks = np.sqrt(abs(np.linalg.det(affine[:, :2])))
    if shrinks > 1:
        photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), 0.4 * shrinks), np.uint8)
    flags, size = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR, shape[::-1]
    shown = np.asarray(cv2.warpAffine(photo, affine, size, flags=flags), np.uint8)
    inside = cv2.warpAffine(np.ones(photo.shape[:2], np.float32), affine, size, flags=flags)
    return shown, (inside > 1 - 1e-3).astype(np.float32)


def _lab(picture: RGB) -> NDArray[np.float32]:
    lab = cv2.cvtColor(cv2.GaussianBlur(picture, (0, 0), 1).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab * (1, _COLOUR, _COLOUR), np.float32)


def _correlation(
    one: NDArray[np.float32], other: NDArray[np.float32], inside: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The normalized correlation of the windows around each place, (height, width), all channels together."""
    mask = inside[..., None]
    weight = np.maximum(cv2.blur(inside, _WINDOW), 1e-6)[..., None]

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values * mask, _WINDOW) / weight, np.float32)

    mean_one, mean_other = mean(one), mean(other)
    covariance = (mean(one * other) - mean_one * mean_other).sum(axis=-1)
    variance = (mean(one * one) - mean_one**2).sum(axis=-1)
    variance_other = (mean(other * other) - mean_other**2).sum(axis=-1)
    product = (np.maximum(variance, 0) + _FAINT) * (np.maximum(variance_other, 0) + _FAINT)
    return np.asarray(covariance / np.sqrt(product), np.float32)
