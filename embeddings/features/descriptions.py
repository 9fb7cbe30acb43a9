"""The data that the refined ranking stores per packshot: its vector, patches and local features, in one record."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.features.store import Records, vector_type
from embeddings.imaging.local_features import DIM, LocalFeatures
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Description

MAX_KEYPOINTS = 256  # of a packshot
_LARGEST = 127  # of a stored patch's numbers


@dataclass(frozen=True)
class Patches:
    """The patches of n pictures: `directions` (n, p, d) float32 of length 1, `weights` (n, p), a picture's sum 1."""

    directions: NDArray[np.float32]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.directions)


def patches_of(maps: NDArray[np.float32]) -> Patches:
    """Split feature maps (n, p, d) into directions and weights: a patch's weight is its length."""
    return Patches(unit(maps), weights_of(np.linalg.norm(maps, axis=-1)))


def weights_of(lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weights of patches with these lengths (n, p): those of a picture add up to one."""
    weights: NDArray[np.float32] = lengths / np.maximum(lengths.sum(axis=1, keepdims=True), np.float32(1e-9))
    return weights


def record_type(backbone: Backbone) -> np.dtype[Any]:
    """The stored form of a packshot's description; with EfficientNet-Lite it takes less than 64 KiB."""
    patches = (backbone.num_patches, backbone.patch_dim) if backbone.has_patches else (0, 0)
    return np.dtype(
        [
            *vector_type(backbone).descr,
            ("patches", "i1", patches),
            ("scales", "<f4", patches[:1]),
            ("num_points", "<u2"),
            ("points", "<f2", (MAX_KEYPOINTS, 2)),
            ("descriptors", "u1", (MAX_KEYPOINTS, DIM)),
        ]
    )


def packed(backbone: Backbone, image_key: str, description: Description, features: LocalFeatures) -> Records:
    """One record (): the description of the packshot `image_key`."""
    record = np.zeros((), record_type(backbone))
    scales = np.maximum(np.abs(description.patches).max(axis=-1, initial=0), 1e-9) / _LARGEST  # (p,)
    count = min(len(features), MAX_KEYPOINTS)
    record["key"], record["vector"] = image_key.encode(), description.vector
    record["patches"], record["scales"] = np.round(description.patches / scales[:, np.newaxis]), scales
    record["num_points"] = count
    record["points"][:count] = features.points[:count]
    record["descriptors"][:count] = features.descriptors[:count]
    return record


def patches_in(records: Records) -> Patches:
    """The patches of records (n,)."""
    return patches_of(records["patches"].astype(np.float32) * records["scales"][..., np.newaxis])


def features_in(record: Records) -> LocalFeatures:
    """The local features of one record."""
    count = int(record["num_points"])
    return LocalFeatures(record["points"][:count].astype(np.float32), record["descriptors"][:count])


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors (..., d) scaled to length 1; zero vectors stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-9))
    return scaled
