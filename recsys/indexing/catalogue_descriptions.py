"""The catalogue's descriptions for the refined ranking: how they are made."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from embeddings.features.describing import prepared_packshot
from embeddings.features.descriptions import DescriptionFile, Records, appending, packed
from embeddings.features.store import write_vectors
from embeddings.imaging.local_features import LocalFeatures
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.packshots import kept_packshot
from recsys.catalogue.products import Catalogue, ImageFolder, images_of
from recsys.indexing.prefetch import read_ahead
from recsys.search.refined.kept_descriptions import describing_identity, descriptions_folder, records_path


def describe_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
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
            encoder = networks.catalogue_encoder(backbone)
            precision = encoder.precision
            for done, record in enumerate(_described(missing, images_of(cache), encoder), start=1):
                file.write(record.tobytes())
                progress(done, len(missing))
    records = DescriptionFile(path, backbone)
    write_vectors(
        folder, records.vectors(records.places(catalogue.image_keys)), catalogue.image_keys, identity, precision
    )
    for other in folder.glob("records-*.bin"):
        if other != path:
            other.unlink(missing_ok=True)
    return len(missing)


def _described(image_keys: Sequence[str], images: ImageFolder, encoder: Encoder) -> Iterator[Records]:
    """Yield a record a picture, decoding and finding keypoints on threads of its own while the network runs."""

    def read(image_key: str) -> tuple[tuple[str, LocalFeatures], RGB]:
        packshot = kept_packshot(images, image_key)
        image, features = prepared_packshot(packshot, encoder.backbone.input_side)
        return (image_key, features), image

    for (image_key, features), description in encoder.describe_stream(read_ahead(image_keys, read)):
        yield packed(encoder.backbone, image_key, description, features)
