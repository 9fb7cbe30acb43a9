"""The space in which patches are compared: a linear map, learned once for a backbone, that the product ships.

It is learned from packshots staged as photos (`recsys/indexing/training.py`), so that patches of one product come
closer and those of its neighbours in the catalogue part. A backbone without one has whole pictures compared.
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
        """The patches in this space; they weigh what they weighed."""
        return Patches(unit(self._moved(patches.directions)), patches.weights)

    def lengths(self, directions: NDArray[np.float32]) -> NDArray[np.float32]:
        """How long directions (..., d) are in this space, before they are made unit vectors: (...), never zero."""
        moved = self._moved(directions)
        lengths: NDArray[np.float32] = np.sqrt(np.einsum("...d,...d->...", moved, moved))
        return np.maximum(lengths, np.float32(1e-9))

    def _moved(self, directions: NDArray[np.float32]) -> NDArray[np.float32]:
        moved: NDArray[np.float32] = directions @ self.matrix
        moved += self.offset
        return moved

    @property
    def number(self) -> int:
        """Another number for another space."""
        return zlib.crc32(self.matrix.tobytes() + self.offset.tobytes())


def learned_space(backbone: Backbone) -> PatchSpace | None:
    """The space that was learned for a backbone; None where none was."""
    return _read(backbone.patch_space) if backbone.has_patches else None


@cache
def _read(path: Path) -> PatchSpace:
    with np.load(path, allow_pickle=False) as stored:
        return PatchSpace(stored["matrix"].astype(np.float32), stored["offset"].astype(np.float32))
