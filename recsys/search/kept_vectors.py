"""The catalogue's stored vectors: which backbone has them, and whether they still fit."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.errors import VectorsError
from embeddings.features.sqlite_store import SqliteStore
from embeddings.features.store import (
    Matrix,
    Store,
    Version,
    check_fit,
    matrix_of,
    vector_type,
)
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.catalogue.products import Catalogue, maker_mark
from recsys.errors import EncodeCatalogue
from recsys.search.refined.print_index import read_manifest
from recsys.settings import load_settings, shared_address

if TYPE_CHECKING:
    from embeddings.features.lance_index import LanceIndex


def vectors_folder(cache: Path, backbone: Backbone) -> Path:
    """Where everything stored for a backbone in a data home is."""
    return cache / "embeddings" / backbone.name


def vectors_store(cache: Path, backbone: Backbone) -> Store:
    """The store of a backbone's vectors in a data home."""
    return store_of(cache, backbone, "vectors", vector_type(backbone))


def store_of(cache: Path, backbone: Backbone, kind: str, dtype: np.dtype[Any], *, is_reduced: bool = False) -> Store:
    """A backbone's store in a data home: a file, or at the address that several machines share.

    At an address, a large store has an index, of the reduced vectors if `is_reduced`. Raises VectorsError if the engine
    for that is not installed.
    """
    folder, address = vectors_folder(cache, backbone), shared_address(cache)
    if not address:
        return SqliteStore(folder, kind, dtype)
    from embeddings.features.lance_store import LanceStore  # noqa: PLC0415  # its dependencies may not be installed

    place = f"{address}/embeddings/{backbone.name}/{kind}"
    return LanceStore(place, folder, dtype, most_exact=_most_exact(cache), is_reduced=is_reduced)


def _most_exact(cache: Path) -> int:
    """The largest shared catalogue to search without an index, as set on the machine that makes it.

    Other machines derive it from the print index, fetched with the catalogue: its recall is known if there are others.
    """
    kept = None if maker_mark(cache).exists() else read_manifest(cache)
    if kept is None:
        return load_settings().index_above
    return sys.maxsize if kept.recall is None else 0


def has_vectors(cache: Path, backbone: Backbone) -> bool:
    """Whether a backbone has any vectors, fitting or not."""
    try:
        vectors_store(cache, backbone).version()
    except VectorsError:
        return False
    return True


def fitting_vectors(cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity) -> Matrix:
    """Read the vectors made by the backbone with this identity, (n, dim); row i belongs to the catalogue's product i.

    The store may also hold vectors of other pictures: those of a larger catalogue that is about to be published.

    Raises VectorsError, with the reason and the remedy, if vectors are missing, damaged, or no longer fit the catalogue
    or the network.
    """
    with remedy_named("vectors", backbone):
        store, version = _fitting(cache, backbone, catalogue, identity)
        return matrix_of(store, version, catalogue.image_keys)


def searched_vectors(
    cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity
) -> "Matrix | LanceIndex":
    """The result of `fitting_vectors`, or the store's index of it, if any. Raises as that does."""
    with remedy_named("vectors", backbone):
        store, version = _fitting(cache, backbone, catalogue, identity)
        index = store.index(version)
        return matrix_of(store, version, catalogue.image_keys) if index is None else index


def check_vectors(cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity) -> Version:
    """Check as `fitting_vectors` does, without reading the vectors: damaged ones are found when they are read."""
    with remedy_named("vectors", backbone):
        return _fitting(cache, backbone, catalogue, identity)[1]


def _fitting(cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity) -> tuple[Store, Version]:
    store = vectors_store(cache, backbone)
    version = store.version()
    check_fit(version, identity, catalogue.image_keys)
    return store, version


@contextmanager
def remedy_named(kept: str, backbone: Backbone) -> Iterator[None]:
    """Turn an error about data `kept` of the catalogue into one that says what to do, unless it does already."""
    try:
        yield
    except VectorsError as error:
        if error.remedies:
            raise
        raise VectorsError(
            f"Expected the catalogue's {kept} by {backbone.name}, but {error}.",
            remedies=(EncodeCatalogue(backbone.name),),
        ) from None
