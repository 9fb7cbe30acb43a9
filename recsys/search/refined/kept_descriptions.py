"""The catalogue's descriptions for the refined ranking as they are kept, and whether they still fit."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embeddings.errors import VectorsError
from embeddings.features.describing import description_recipe
from embeddings.features.descriptions import DescriptionFile, Records
from embeddings.features.store import Matrix, check_fit, read_manifest, read_vectors
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.catalogue.products import Catalogue
from recsys.errors import EncodeCatalogue
from recsys.search.kept_vectors import vectors_folder


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


def describing_identity(backbone: Backbone, identity: NetworkIdentity) -> NetworkIdentity:
    """What decides a description by the backbone's network of this identity."""
    return replace(identity, pictures=description_recipe(backbone))


def records_path(folder: Path, identity: NetworkIdentity) -> Path:
    """Where below `folder` the records are that were described by `identity`."""
    return folder / f"records-{zlib.crc32(repr(identity).encode()):08x}.bin"


def fitting_descriptions(
    cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity
) -> Descriptions:
    """Read the descriptions that the backbone of this identity made of the catalogue's packshots.

    Raises VectorsError, with the reason and the remedy, when they are missing or no longer fit.
    """
    folder, described = descriptions_folder(cache, backbone), describing_identity(backbone, identity)
    with _missing_descriptions(backbone):
        stored = read_vectors(folder)
        check_fit(stored.manifest, described, catalogue.image_keys)
        file = DescriptionFile(records_path(folder, described), backbone)
        matrix = stored.matrix_of(catalogue.image_keys)
        return Descriptions(matrix, file, file.places(catalogue.image_keys))


def check_descriptions(cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity) -> None:
    """Check as `fitting_descriptions` does, by the manifest alone: damaged ones are found when they are read."""
    with _missing_descriptions(backbone):
        manifest = read_manifest(descriptions_folder(cache, backbone))
        check_fit(manifest, describing_identity(backbone, identity), catalogue.image_keys)


@contextmanager
def _missing_descriptions(backbone: Backbone) -> Iterator[None]:
    try:
        yield
    except VectorsError as error:
        raise VectorsError(
            "Expected the catalogue's descriptions by {backbone}, but {problem}.",
            backbone=backbone.name,
            problem=error.message,
            remedies=(EncodeCatalogue(backbone.name),),
        ) from None
