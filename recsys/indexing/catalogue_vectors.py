"""Making the catalogue's vectors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import Catalogue, images_of
from recsys.catalogue.sharing import keys_elsewhere
from recsys.indexing.encoding import VECTORS, LocalEngine, StartEngine
from recsys.indexing.filling import fill
from recsys.indexing.progress import Stage
from recsys.indexing.rates import Rate
from recsys.search.kept_vectors import vectors_store


@dataclass(frozen=True)
class EmbedReport:
    """How many of a catalogue's pictures were encoded, and how many vectors existed already.

    Also how fast pictures were encoded, and described.
    """

    backbone: str
    num_products: int
    encoded: int
    reused: int
    encoding: Rate = field(default_factory=Rate)
    describing: Rate = field(default_factory=Rate)


def embed_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    engine: StartEngine = LocalEngine,
    progress: Callable[[Stage, int, int], None] = lambda stage, done, total: None,
) -> EmbedReport:
    """Encode the catalogue's pictures that have no vector yet, and store one vector per product.

    `progress` is called with (stage, done, total). The next run continues an interrupted one. Raises WeightsError,
    NetworkError, VectorsError, or LostPictureError if a stored picture is lost.
    """
    rate = fill(
        vectors_store(cache, backbone),
        networks.identity(backbone),
        catalogue.image_keys,
        partial(engine, backbone, networks, images_of(cache)),
        VECTORS,
        progress,
        others=keys_elsewhere(cache),
    )
    reused = len(catalogue.products) - rate.count
    return EmbedReport(backbone.name, len(catalogue.products), rate.count, reused, encoding=rate)
