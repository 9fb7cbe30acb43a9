"""How the refined ranking describes pictures: a packshot without its background, a photo by its frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.features.descriptions import MAX_KEYPOINTS, Patches, patches_of
from embeddings.imaging.framing import middle, pad_to_square, product_square, trim
from embeddings.imaging.local_features import LocalFeatures, detect
from embeddings.imaging.photos import RGB, averaged_within, resize_square
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder
from embeddings.parallel import threads

DESCRIPTION_RECIPE = "trimmed, on a white square with a margin of 4%, bicubic; RootSIFT of 256 keypoints at 256 pixels"
"""How a packshot was prepared before it was described: other preparations must not be compared."""

_WITHOUT_PATCHES = f"{DESCRIPTION_RECIPE}; no patches"

FRAMES = (1.0, 0.82)
"""The parts of the framed photo used, as shares of its sides: all of it, and a closer one, each put on a square."""

_PACKSHOT_SIDE, _PACKSHOT_CONTRAST = 256, 0.02
PHOTO_SIDE, PHOTO_CONTRAST, PHOTO_KEYPOINTS = 256, 0.03, 640
PICTURE_SIDE = 320


@dataclass(frozen=True)
class PhotoDescription:
    """A photo's mean unit vector over its frames (dim,), the frames' patches, and its local features.

    `picture` is the framed part, no side longer than `PICTURE_SIDE` pixels.
    """

    vector: NDArray[np.float32]
    patches: Patches
    features: LocalFeatures
    picture: RGB


def description_recipe(backbone: Backbone) -> str:
    """What defines a description by the backbone: those with another recipe must not be compared."""
    return DESCRIPTION_RECIPE if backbone.has_patches else _WITHOUT_PATCHES


def prepared_packshot(packshot: RGB, side: int) -> tuple[RGB, LocalFeatures]:
    """A packshot's input for `Encoder.describe_stream`, and its local features."""
    product = trim(packshot)
    features = detect(product, side=_PACKSHOT_SIDE, most=MAX_KEYPOINTS, contrast=_PACKSHOT_CONTRAST)
    return resize_square(product_square(product), side), features


def describable(framed: RGB, side: int) -> RGB:
    """The framed part of a photo, with only the pixels that a network of this input `side` and aligned regions need.

    Bicubic filters would take five times as long on a phone's pixels, with the same results.
    """
    return averaged_within(framed, max(PICTURE_SIDE, round(side / min(FRAMES))))


def frames_of(picture: RGB, side: int) -> list[RGB]:
    """The input for `Encoder.describe` of a `describable` photo: one picture for each of FRAMES, (side, side, 3)."""
    return [resize_square(pad_to_square(middle(picture, share)), side) for share in FRAMES]


def describe_photo(framed: RGB, encoder: Encoder) -> PhotoDescription:
    """Describe the part of a photo that a visitor framed, (height, width, 3)."""
    side = encoder.backbone.input_side
    # Computed while the network runs on the frames: they are independent, and each leaves cores idle.
    features = threads().submit(detect, framed, side=PHOTO_SIDE, most=PHOTO_KEYPOINTS, contrast=PHOTO_CONTRAST)
    picture = describable(framed, side)
    described = encoder.describe(frames_of(picture, side))
    mean = np.mean([frame.vector for frame in described], axis=0)
    return PhotoDescription(
        (mean / np.linalg.norm(mean)).astype(np.float32),
        patches_of(np.stack([frame.patches for frame in described])),
        features.result(),
        averaged_within(picture, PICTURE_SIDE),
    )
