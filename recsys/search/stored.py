"""The data stored per backbone for a catalogue: its vectors, and what rankings need besides."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.search.gallery import Gallery, GalleryPart
from recsys.search.index import CosineIndex, PickedIndex, VectorIndex
from recsys.search.kept_vectors import check_vectors, fitting_vectors, searched_vectors, vectors_store

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, eq=False)
class Stored(Generic[T_co]):
    """How one kind of stored data is read for searching.

    `read` raises VectorsError if the data is missing, damaged, or no longer fits; `version` is a value, per part of the
    gallery, that changes whenever the data has to be read again.
    """

    name: str
    version: Callable[[GalleryPart, Backbone], Hashable]
    read: Callable[[Gallery, Backbone, NetworkIdentity], T_co]


def _version(part: GalleryPart, backbone: Backbone) -> Hashable:
    return part.store(vectors_store, backbone).number()


def check_stored_vectors(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> None:
    """Check that fitting vectors exist, without reading them. Raises VectorsError."""
    gallery.read_parts(lambda part: check_vectors(part.cache, backbone, part.catalogue, identity))


def _read_vectors(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> VectorIndex:
    if len(gallery.parts) > 1:
        matrices = gallery.read_parts(lambda part: fitting_vectors(part.cache, backbone, part.catalogue, identity))
        return CosineIndex(np.concatenate(matrices), gallery.own_picture)
    (found,) = gallery.read_parts(lambda part: searched_vectors(part.cache, backbone, part.catalogue, identity))
    if isinstance(found, np.ndarray):
        return CosineIndex(found, gallery.own_picture)
    return PickedIndex(found, gallery.catalogue.image_keys, gallery.own_picture)


STORED_VECTORS = Stored("vectors", _version, _read_vectors)
"""The vectors of all products, which every ranking starts from.

With a single part they are memory-mapped, or found by the store's index if it has one.
"""
