"""How the refined ranking describes a picture: a packshot without its background, a photo by its middle."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.cores import threads
from embeddings.features.descriptions import MAX_KEYPOINTS, Patches, patches_of
from embeddings.imaging.framing import middle, product_square, squared, trimmed
from embeddings.imaging.local_features import LocalFeatures, detect
from embeddings.imaging.photos import RGB, averaged_within, resize_square
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder

DESCRIPTION_RECIPE = "trimmed, on a white square with a margin of 4%, bicubic; RootSIFT of 256 keypoints at 256 pixels"
"""What was done to a packshot before it was described: descriptions of another road must not be compared."""

_WITHOUT_PATCHES = f"{DESCRIPTION_RECIPE}; no patches"

FRAMES = (1.0, 0.82)
"""The photo is looked at as it was framed, and closer: these shares of its sides, each put on a square."""

_PACKSHOT_SIDE, _PACKSHOT_CONTRAST = 256, 0.02
PHOTO_SIDE, PHOTO_CONTRAST, PHOTO_KEYPOINTS = 256, 0.03, 640
PICTURE_SIDE = 320


@dataclass(frozen=True)
class PhotoDescription:
    """A photo's mean unit vector over its frames (dim,), the frames' patches, and its local features.

    `picture` is what was framed, no side longer than `PICTURE_SIDE` pixels.
    """

    vector: NDArray[np.float32]
    patches: Patches
    features: LocalFeatures
    picture: RGB


def description_recipe(backbone: Backbone) -> str:
    """What a description by the backbone is: those of another recipe must not be compared."""
    return DESCRIPTION_RECIPE if backbone.has_patches else _WITHOUT_PATCHES


def prepared_packshot(packshot: RGB, side: int) -> tuple[RGB, LocalFeatures]:
    """What `Encoder.describe_stream` takes of a packshot, and its local features."""
    product = trimmed(packshot)
    features = detect(product, side=_PACKSHOT_SIDE, most=MAX_KEYPOINTS, contrast=_PACKSHOT_CONTRAST)
    return resize_square(product_square(product), side), features


def looked_at(framed: RGB, side: int) -> RGB:
    """What was framed of a photo, in no more pixels than a network of this input `side` and aligned regions tell apart.

    Bicubic filters take five times as long for a phone's pixels, to the same end.
    """
    return averaged_within(framed, max(PICTURE_SIDE, round(side / min(FRAMES))))


def frames_of(picture: RGB, side: int) -> list[RGB]:
    """What `Encoder.describe` takes of a photo that is `looked_at`: one picture for each of FRAMES, (side, side, 3)."""
    return [resize_square(squared(middle(picture, share)), side) for share in FRAMES]


def describe_photo(framed: RGB, encoder: Encoder) -> PhotoDescription:
    """Describe what a visitor framed of a photo, (height, width, 3)."""
    side = encoder.backbone.input_side
    # Found while the network looks at the frames: neither needs the other, and each leaves cores idle.
    features = threads().submit(detect, framed, side=PHOTO_SIDE, most=PHOTO_KEYPOINTS, contrast=PHOTO_CONTRAST)
    picture = looked_at(framed, side)
    described = encoder.describe(frames_of(picture, side))
    mean = np.mean([frame.vector for frame in described], axis=0)
    return PhotoDescription(
        (mean / np.linalg.norm(mean)).astype(np.float32),
        patches_of(np.stack([frame.patches for frame in described])),
        features.result(),
        averaged_within(picture, PICTURE_SIDE),
    )
