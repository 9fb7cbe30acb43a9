"""The catalogue's vectors: how they are made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.features.store import VectorJournal, check_identity, read_vectors, write_vectors
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from embeddings.models.runtime import Networks
from recsys.catalogue.products import Catalogue, images_of
from recsys.indexing.encoding import LocalEngine, StartEngine
from recsys.search.kept_vectors import vectors_folder


@dataclass(frozen=True)
class EmbedReport:
    """How many of a catalogue's pictures were encoded, and how many vectors were there already."""

    backbone: str
    num_products: int
    encoded: int
    reused: int


def embed_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    engine: StartEngine = LocalEngine,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> EmbedReport:
    """Encode the catalogue's pictures that have no vector yet, and store one vector a product.

    `progress` gets how many of how many pictures are encoded. An interrupted run is continued by
    the next. Raises WeightsError, NetworkError, or LostPictureError when a kept picture is.
    """
    folder = vectors_folder(cache, backbone)
    identity = networks.identity(backbone)
    journal = VectorJournal(folder, identity, backbone.dim)
    unfinished = journal.read()
    vectors, precision = _known_vectors(folder, identity)
    vectors |= unfinished
    missing = [key for key in dict.fromkeys(catalogue.image_keys) if key not in vectors]
    if missing:
        journal.restart(unfinished)
        at_work = engine(backbone, networks, images_of(cache))
        for done, (key, vector) in enumerate(at_work.vectors(missing), start=1):
            journal.append(key, vector)
            vectors[key] = vector
            progress(done, len(missing))
        precision = at_work.precision
    matrix = np.stack([vectors[key] for key in catalogue.image_keys]) if catalogue.products else _empty(backbone)
    write_vectors(folder, matrix, catalogue.image_keys, identity, precision)
    journal.delete()
    return EmbedReport(backbone.name, len(catalogue.products), len(missing), len(catalogue.products) - len(missing))


def _empty(backbone: Backbone) -> NDArray[np.float32]:
    return np.empty((0, backbone.dim), np.float32)


def _known_vectors(folder: Path, identity: NetworkIdentity) -> tuple[dict[str, NDArray[np.float32]], str]:
    """The stored vectors of this very network by image key, and their precision; none where missing or damaged."""
    try:
        stored = read_vectors(folder)
        check_identity(stored.manifest, identity)
    except VectorsError:
        return {}, ""
    vectors = dict(zip(stored.manifest.image_keys, np.array(stored.matrix), strict=True))
    return vectors, stored.manifest.precision
