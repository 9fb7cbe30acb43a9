"""Local features: keypoints with RootSIFT descriptors, which find the same print at another size and angle.

SIFT: Lowe 2004, doi:10.1023/B:VISI.0000029664.99615.94. RootSIFT, its square root: Arandjelović and Zisserman 2012,
doi:10.1109/CVPR.2012.6248018.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from embeddings.imaging.photos import RGB

DIM = 128
_UNIT = 512  # a stored descriptor's length, in bytes: its largest numbers just fit


@dataclass(frozen=True)
class LocalFeatures:
    """Keypoints of a picture, strongest first: `points` (n, 2) float32, x and y as shares of its longer side,
    and `descriptors` (n, 128) uint8, each of length 512 or nearly so.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.points)


def detect(picture: RGB, *, side: int, most: int, contrast: float) -> LocalFeatures:
    """Find at most `most` keypoints in a picture resized so that its longer side has `side` pixels.

    `contrast` is SIFT's threshold: fainter points are not keypoints.
    """
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    scale = side / max(gray.shape)
    size = tuple(max(1, round(length * scale)) for length in reversed(gray.shape))  # (width, height)
    gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    keypoints, descriptors = cv2.SIFT.create(nfeatures=most, contrastThreshold=contrast).detectAndCompute(gray, None)
    if descriptors is None:
        return LocalFeatures(np.empty((0, 2), np.float32), np.empty((0, DIM), np.uint8))
    order = np.argsort([-keypoint.response for keypoint in keypoints], kind="stable")[:most]
    points = np.array([keypoint.pt for keypoint in keypoints], np.float32) / np.float32(side)  # (n, 2)
    return LocalFeatures(points[order], root_sift(descriptors[order]))


def root_sift(descriptors: NDArray[Any]) -> NDArray[np.uint8]:
    """The square roots of SIFT descriptors (n, 128) scaled to a sum of one, stored as bytes."""
    total = np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9)
    rooted: NDArray[np.uint8] = np.minimum(np.round(np.sqrt(descriptors / total) * _UNIT), 255).astype(np.uint8)
    return rooted


def unit_descriptors(descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Stored descriptors as float32 vectors of length (nearly) one: (n, 128)."""
    return descriptors.astype(np.float32) * np.float32(1 / _UNIT)
