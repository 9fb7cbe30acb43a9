"""The catalogue's stored descriptions for the refined ranking, and whether they still fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings.features.describing import description_recipe
from embeddings.features.descriptions import record_type
from embeddings.features.store import Matrix, Records, Store, Version, check_fit, matrix_of
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.catalogue.products import Catalogue
from recsys.search.kept_vectors import remedy_named, store_of

if TYPE_CHECKING:
    from embeddings.features.lance_index import LanceIndex


@dataclass(frozen=True)
class Descriptions:
    """A catalogue's descriptions: `store` has a record for each key, with a unit vector (dim,).

    `nearest`, if any, finds vectors without reading them all, reduced as for selecting candidates.
    """

    backbone: Backbone
    image_keys: Sequence[str]
    store: Store
    version: Version
    nearest: "LanceIndex | None"

    @cached_property
    def matrix(self) -> Matrix:
        """All vectors: (n, dim)."""
        return matrix_of(self.store, self.version, self.image_keys)

    def read(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Records:
        """The records of the products `rows`: (len(rows),). Raises VectorsError if one is damaged."""
        return self.store.read(self.version, [self.image_keys[row] for row in rows.tolist()])


def descriptions_store(cache: Path, backbone: Backbone) -> Store:
    """The store of a backbone's descriptions in a data home."""
    return store_of(cache, backbone, "descriptions", record_type(backbone), is_reduced=True)


def describing_identity(backbone: Backbone, identity: NetworkIdentity) -> NetworkIdentity:
    """Everything that determines a description by the backbone's network with this identity."""
    return replace(identity, pictures=description_recipe(backbone))


def fitting_descriptions(
    cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity
) -> Descriptions:
    """Read the descriptions of the catalogue's packshots made by the backbone with this identity.

    Raises VectorsError, with the reason and the remedy, if they are missing or no longer fit.
    """
    with remedy_named("descriptions", backbone):
        store, version = _fitting(cache, backbone, catalogue, identity)
        found = Descriptions(backbone, catalogue.image_keys, store, version, store.index(version))
        if found.nearest is None:
            _ = found.matrix  # reports damaged vectors here
        return found


def check_descriptions(cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity) -> Version:
    """Check as `fitting_descriptions` does, without reading them: damaged ones are found when they are read."""
    with remedy_named("descriptions", backbone):
        return _fitting(cache, backbone, catalogue, identity)[1]


def _fitting(cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity) -> tuple[Store, Version]:
    store = descriptions_store(cache, backbone)
    version = store.version()
    check_fit(version, describing_identity(backbone, identity), catalogue.image_keys)
    return store, version
