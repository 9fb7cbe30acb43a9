"""Staging: making a packshot look like a phone photo of the product, so that a catalogue can test itself."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from embeddings.imaging.framing import trim
from embeddings.imaging.photos import RGB

SIDE = 400  # pixels of a staged photo


def staged_photo(packshot: RGB, surroundings: RGB, random: np.random.Generator) -> RGB:
    """Put the trimmed product, rotated and seen at an angle, in front of blurred surroundings: (400, 400, 3).

    Up to a third of it may be outside the picture; light, focus and compression are those of a phone.
    """
    scene = cv2.GaussianBlur(cv2.resize(surroundings, (SIDE, SIDE), interpolation=cv2.INTER_AREA), (0, 0), 3)
    product = trim(packshot)
    view = _view_of(product.shape[1], product.shape[0], random)
    seen = cv2.warpPerspective(product, view, (SIDE, SIDE), flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.full(product.shape[:2], 255, np.uint8), view, (SIDE, SIDE))
    scene = np.where(there[..., np.newaxis] > 127, seen, scene).astype(np.uint8)
    return _photographed(scene, random)


def _view_of(width: int, height: int, random: np.random.Generator) -> NDArray[Any]:
    """A perspective map: the product fills half to nine tenths of the photo, rotated by up to 20 degrees."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    centred = (corners - corners.mean(axis=0)) / max(width, height)
    angle = np.radians(random.uniform(-20, 20))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    placed = centred @ turn.T * random.uniform(0.5, 0.9) + random.uniform(-0.03, 0.03, (4, 2))
    target = (0.5 + placed + random.uniform(-0.12, 0.12, 2)) * SIDE
    return cv2.getPerspectiveTransform(corners, target.astype(np.float32))


def _photographed(scene: NDArray[Any], random: np.random.Generator) -> RGB:
    """A phone's effect on a scene: exposure, white balance, focus, noise, JPEG."""
    light = random.uniform(0.55, 1.1) * random.uniform(0.9, 1.1, 3)
    photo = cv2.GaussianBlur(scene, (0, 0), random.uniform(0.6, 2.0)).astype(np.float32) * light
    photo += random.normal(0, random.uniform(2, 8), photo.shape)
    pixels = np.clip(photo, 0, 255).astype(np.uint8)
    _, file = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 85))])
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), dtype=np.uint8)
