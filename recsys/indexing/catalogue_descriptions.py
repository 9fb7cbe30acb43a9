"""The catalogue's descriptions for the refined ranking: whether they fit, and how they are made."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embeddings.errors import PhotoError, VectorsError
from embeddings.features.describing import DESCRIPTION_RECIPE, prepared_packshot
from embeddings.features.descriptions import DescriptionFile, Records, appending, packed
from embeddings.features.store import Matrix, check_fit, read_vectors, write_vectors
from embeddings.imaging.local_features import LocalFeatures
from embeddings.imaging.photos import RGB, decode_photo
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.products import Catalogue, ImageFolder, images_of
from recsys.errors import CatalogueError
from recsys.indexing.catalogue_vectors import vectors_folder
from recsys.indexing.prefetch import read_ahead


@dataclass(frozen=True)
class Descriptions:
    """A catalogue's descriptions: `matrix` (n, dim) of unit vectors, and where in `file` each product's record is."""

    matrix: Matrix
    file: DescriptionFile
    places: np.ndarray[tuple[int], np.dtype[np.int64]]

    def read(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Records:
        """The records of the products `rows`: (len(rows),). Raises VectorsError when one is damaged."""
        return self.file.read(self.places[rows])


def descriptions_folder(cache: Path, backbone: Backbone) -> Path:
    """Where a backbone's descriptions of a data home are."""
    return vectors_folder(cache, backbone) / "refined"


def fitting_descriptions(
    cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity
) -> Descriptions:
    """Read the descriptions that the backbone of this identity made of the catalogue's packshots.

    Raises VectorsError, with the reason and the remedy, when they are missing or no longer fit.
    """
    folder = descriptions_folder(cache, backbone)
    described = replace(identity, pictures=DESCRIPTION_RECIPE)
    try:
        stored = read_vectors(folder)
        check_fit(stored.manifest, described, catalogue.image_keys)
        file = DescriptionFile(_records_path(folder, described), backbone)
        return Descriptions(stored.matrix, file, file.places(catalogue.image_keys))
    except VectorsError as error:
        raise VectorsError(
            "Expected the catalogue's descriptions by {backbone}, but {problem}: "
            "run `python -m recsys embed {backbone}`.",
            backbone=backbone.name,
            problem=error.message,
        ) from None


def describe_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Describe the catalogue's packshots that have no description yet; return how many those were.

    An interrupted run is continued by the next. Raises WeightsError, NetworkError, VectorsError, or CatalogueError
    when a kept picture is lost.
    """
    folder = descriptions_folder(cache, backbone)
    identity = replace(networks.identity(backbone), pictures=DESCRIPTION_RECIPE)
    path = _records_path(folder, identity)
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


def packshot_at(path: Path) -> RGB:
    """Read a kept picture: (height, width, 3). Raises CatalogueError when it is lost or damaged."""
    try:
        return decode_photo(path.read_bytes())
    except (OSError, PhotoError):
        raise CatalogueError(
            f"Expected the picture {path}, which is lost or damaged: import the catalogue again."
        ) from None


def _records_path(folder: Path, identity: NetworkIdentity) -> Path:
    return folder / f"records-{zlib.crc32(repr(identity).encode()):08x}.bin"


def _described(image_keys: Sequence[str], images: ImageFolder, encoder: Encoder) -> Iterator[Records]:
    """Yield a record a picture, decoding and finding keypoints on threads of its own while the network runs."""

    def read(image_key: str) -> tuple[tuple[str, LocalFeatures], RGB]:
        packshot = packshot_at(images.display_path(image_key))
        image, features = prepared_packshot(packshot, encoder.backbone.input_side)
        return (image_key, features), image

    for (image_key, features), description in encoder.describe_stream(read_ahead(image_keys, read)):
        yield packed(encoder.backbone, image_key, description, features)
