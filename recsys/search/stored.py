"""What of a catalogue is stored by a backbone: its vectors, and whatever a ranking keeps besides."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from embeddings.features.store import stored_files
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.search.gallery import Gallery, GalleryPart
from recsys.search.index import CosineIndex
from recsys.search.kept_vectors import check_vectors, fitting_vectors, vectors_folder

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, eq=False)
class Stored(Generic[T_co]):
    """How one kind of what is stored is read as it is searched.

    `read` raises VectorsError where it is missing, damaged, or no longer fits; `files` are those that it looks at.
    """

    name: str
    files: Callable[[Path, Backbone], tuple[Path, ...]]
    read: Callable[[Gallery, Backbone, NetworkIdentity], T_co]


def _vector_files(cache: Path, backbone: Backbone) -> tuple[Path, ...]:
    return stored_files(vectors_folder(cache, backbone))


def check_stored_vectors(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> None:
    """Check that there are vectors that fit, without reading them. Raises VectorsError."""
    gallery.read_parts(lambda part: check_vectors(part.cache, backbone, part.catalogue, identity))


def _read_vectors(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> CosineIndex:
    def matrix(part: GalleryPart) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return fitting_vectors(part.cache, backbone, part.catalogue, identity)

    matrices = gallery.read_parts(matrix)
    return CosineIndex(matrices[0] if len(matrices) == 1 else np.concatenate(matrices), gallery.tells)


VECTORS = Stored("vectors", _vector_files, _read_vectors)
"""The vectors of every product, which every ranking starts from; memory-mapped where there is one part only."""
