"""Making the catalogue's descriptions for the refined ranking."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import Catalogue, images_of
from recsys.catalogue.sharing import keys_elsewhere
from recsys.indexing.encoding import DESCRIPTIONS, LocalEngine, StartEngine
from recsys.indexing.filling import fill
from recsys.indexing.progress import Stage
from recsys.indexing.rates import Rate
from recsys.search.refined.kept_descriptions import describing_identity, descriptions_store


def describe_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    engine: StartEngine = LocalEngine,
    progress: Callable[[Stage, int, int], None] = lambda stage, done, total: None,
) -> Rate:
    """Describe the catalogue's packshots that have no description yet; return how many, and how fast.

    `progress` is called with (stage, done, total). The next run continues an interrupted one. Raises WeightsError,
    NetworkError, VectorsError, or LostPictureError if a stored picture is lost.
    """
    return fill(
        descriptions_store(cache, backbone),
        describing_identity(backbone, networks.identity(backbone)),
        catalogue.image_keys,
        partial(engine, backbone, networks, images_of(cache)),
        DESCRIPTIONS,
        progress,
        others=keys_elsewhere(cache),
    )
