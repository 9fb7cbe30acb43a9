"""The space in which patches are compared: a linear map, learned once per backbone, and shipped with the product.

It is learned from packshots staged as photos (`recsys/indexing/training.py`), so that patches of the same product move
closer and those of its neighbours in the catalogue apart. Without a space, a backbone's pictures are compared as a
whole.
"""

import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.features.descriptions import Patches, unit
from embeddings.models.backbones import Backbone


@dataclass(frozen=True)
class PatchSpace:
    """Maps a patch's direction (d,) to one in the space: `matrix` (d, e) and `offset` (e,), float32."""

    matrix: NDArray[np.float32]
    offset: NDArray[np.float32]

    def project(self, patches: Patches) -> Patches:
        """The patches projected into this space, with the same weights."""
        return Patches(unit(self._moved(patches.directions)), patches.weights)

    def lengths(self, directions: NDArray[np.float32]) -> NDArray[np.float32]:
        """The lengths of directions (..., d) projected into this space, before normalization: (...), never zero."""
        moved = self._moved(directions)
        lengths: NDArray[np.float32] = np.sqrt(np.einsum("...d,...d->...", moved, moved))
        return np.maximum(lengths, np.float32(1e-9))

    def _moved(self, directions: NDArray[np.float32]) -> NDArray[np.float32]:
        moved: NDArray[np.float32] = directions @ self.matrix
        moved += self.offset
        return moved

    @property
    def number(self) -> int:
        """A number that differs between spaces."""
        return zlib.crc32(self.matrix.tobytes() + self.offset.tobytes())


def learned_space(backbone: Backbone) -> PatchSpace | None:
    """The space learned for a backbone; None if there is none."""
    return _read(backbone.patch_space) if backbone.has_patches else None


@cache
def _read(path: Path) -> PatchSpace:
    with np.load(path, allow_pickle=False) as stored:
        return PatchSpace(stored["matrix"].astype(np.float32), stored["offset"].astype(np.float32))
