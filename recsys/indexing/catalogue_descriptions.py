"""The catalogue's descriptions for the refined ranking: how they are made."""

from collections.abc import Callable
from pathlib import Path

from embeddings.features.descriptions import DescriptionFile, appending
from embeddings.features.store import write_vectors
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import Catalogue, images_of
from recsys.indexing.encoding import LocalEngine, StartEngine
from recsys.search.refined.kept_descriptions import describing_identity, descriptions_folder, records_path


def describe_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    engine: StartEngine = LocalEngine,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Describe the catalogue's packshots that have no description yet; return how many those were.

    An interrupted run is continued by the next. Raises WeightsError, NetworkError, VectorsError, or
    LostPictureError when a kept picture is.
    """
    folder = descriptions_folder(cache, backbone)
    identity = describing_identity(backbone, networks.identity(backbone))
    path = records_path(folder, identity)
    wanted = list(dict.fromkeys(catalogue.image_keys))
    precision = ""
    with appending(path, backbone, set(wanted)) as file:
        known = set(DescriptionFile(path, backbone).keys())
        missing = [key for key in wanted if key not in known]
        if missing:
            at_work = engine(backbone, networks, images_of(cache))
            for done, (_key, record) in enumerate(at_work.descriptions(missing), start=1):
                file.write(record.tobytes())
                progress(done, len(missing))
            precision = at_work.precision
    records = DescriptionFile(path, backbone)
    write_vectors(
        folder, records.vectors(records.places(catalogue.image_keys)), catalogue.image_keys, identity, precision
    )
    for other in folder.glob("records-*.bin"):
        if other != path:
            other.unlink(missing_ok=True)
    return len(missing)
