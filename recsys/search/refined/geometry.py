"""Geometry: which keypoints of a photo are arranged like those of a packshot, so that both show the same print."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from embeddings.imaging.local_features import LocalFeatures, unit_descriptors
from embeddings.parallel import CORES, on_all_cores
from recsys.search.explanation import NOTHING_AGREES, Agreement

_RATIO = 0.8  # Lowe 2004, section 7.1
_AT_LARGE = 10  # a keypoint shared by this many packshots says nothing about any of them
_FEWEST = 5  # an affine map has six unknowns, fixed by three pairs: fewer than five agree by chance
REPROJECTION = 0.014
"""How far from its expected place a keypoint may be to agree, as a share of the photo's longer side."""

_STRETCH = 4.0  # a map that stretches one direction this many times more than the other shows no pack
_SCALES = (0.15, 8.0)


@dataclass(frozen=True)
class Verification:
    """A photo's keypoints compared with packshots: where each agrees, and the `votes` (packshots,) it gets."""

    agreements: tuple[Agreement, ...]
    votes: NDArray[np.float32]


def verify(photo: LocalFeatures, packshots: Sequence[LocalFeatures]) -> Verification:
    """Match a photo's keypoints with each packshot's: what agrees with each, and the votes for each.

    Pairs that pass the ratio test (Lowe 2004) agree if one affine map explains them; it is found by RANSAC, always with
    the same result.
    """
    if not len(photo) or not packshots:
        return Verification((NOTHING_AGREES,) * len(packshots), np.zeros(len(packshots), np.float32))
    nearest = np.full((len(photo), len(packshots)), -1.0, np.float32)
    here = unit_descriptors(photo.descriptors)

    def agreements_of(places: NDArray[np.int64]) -> list[Agreement]:
        # One at a time: the cosines with one packshot fit the core's cache.
        cosines = (here @ unit_descriptors(packshots[place].descriptors).T for place in places)
        return [
            _agreement(photo, packshots[place], of_pairs, nearest[:, place])
            for place, of_pairs in zip(places, cosines, strict=True)
        ]

    parts = on_all_cores(agreements_of, np.array_split(np.arange(len(packshots)), min(CORES, len(packshots))))
    return Verification(tuple(agreement for part in parts for agreement in part), _votes(nearest))


def _votes(nearest: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much nearer each packshot is to the keypoints than packshots in general, summed up: (packshots,).

    Print shared by all variants of a brand counts little, print of one variant a lot: Local Naive Bayes Nearest
    Neighbour (McCann and Lowe 2012, doi:10.1109/CVPR.2012.6248111). `nearest`, (n, packshots), holds the cosine between
    each keypoint and its nearest one in each packshot.
    """
    distances = np.sqrt(np.maximum(2 - 2 * nearest, 0))
    place = min(_AT_LARGE, nearest.shape[1] - 1)
    at_large = np.partition(distances, place, axis=1)[:, place : place + 1]
    votes: NDArray[np.float32] = np.maximum(at_large - distances, 0).sum(axis=0)
    return votes


def _agreement(
    photo: LocalFeatures, packshot: LocalFeatures, cosines: NDArray[np.float32], nearest: NDArray[np.float32]
) -> Agreement:
    """What agrees, given the cosines (n, m) of all pairs; writes each keypoint's highest into `nearest`, (n,)."""
    if not len(packshot):
        return NOTHING_AGREES
    rows, columns = _distinct_pairs(cosines, nearest)
    if len(packshot) < _FEWEST or len(rows) < _FEWEST:
        return NOTHING_AGREES
    there, here = packshot.points[columns], photo.points[rows]
    affine, fits = cv2.estimateAffine2D(
        there, here, method=cv2.RANSAC, ransacReprojThreshold=REPROJECTION, maxIters=500, confidence=0.99
    )
    if affine is None or not _shows_a_pack(affine[:, :2]):
        return NOTHING_AGREES
    inliers = fits[:, 0].astype(bool)
    return Agreement(here[inliers], there[inliers], len(rows))


def _distinct_pairs(
    cosines: NDArray[np.float32], nearest: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each keypoint's nearest one, if it is clearly nearer than the second nearest. Writes into both arguments."""
    columns = cosines.argmax(axis=1)
    rows = np.arange(len(cosines))
    nearest[:] = cosines[rows, columns]
    cosines[rows, columns] = -1.0
    second = cosines[rows, cosines.argmax(axis=1)]  # numpy's max takes four times as long as argmax
    clear = 2 - 2 * nearest < _RATIO**2 * (2 - 2 * second)  # squared distances of unit vectors
    return rows[clear], columns[clear]


def _shows_a_pack(linear: NDArray[Any]) -> bool:
    """Whether an affine map could be a camera's view of flat print: not mirrored, not squeezed to a line."""
    if np.linalg.det(linear) <= 0:
        return False
    longer, shorter = np.linalg.svd(linear, compute_uv=False)
    return bool(longer <= _STRETCH * shorter and shorter >= _SCALES[0] and longer <= _SCALES[1])
