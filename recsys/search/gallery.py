"""What is searched: a data home's catalogue and, for an evaluation, another home's behind it as distractors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embeddings.errors import VectorsError
from embeddings.features.store import Matrix
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.catalogue.products import Catalogue, Product, catalogue_path, images_of, load_catalogue
from recsys.errors import CatalogueError
from recsys.search.kept_vectors import fitting_vectors, vectors_folder
from recsys.search.refined.kept_descriptions import Descriptions, descriptions_folder, fitting_descriptions

FileVersion = tuple[int, int]


@dataclass(frozen=True)
class GalleryPart:
    """One data home's part of a gallery: its product `i` is row `first + i` of the whole."""

    cache: Path
    catalogue: Catalogue
    first: int


@dataclass(frozen=True)
class Gallery:
    """All that is searched together: the home's own part and, behind it, the distractors'."""

    catalogue: Catalogue
    parts: tuple[GalleryPart, ...]

    @property
    def own(self) -> Catalogue:
        """The home's own catalogue."""
        return self.parts[0].catalogue

    @property
    def distractors(self) -> Catalogue | None:
        """The other home's catalogue, if there is one."""
        return self.parts[1].catalogue if len(self.parts) > 1 else None

    def display_path(self, product: Product) -> Path:
        """Where a product's picture is kept, on whichever part."""
        paths = [images_of(part.cache).display_path(product.image_key) for part in self.parts]
        return next((path for path in paths if path.is_file()), paths[0])


def load_gallery(caches: Sequence[Path]) -> Gallery:
    """Read the catalogues below `caches`; the products of all but the first are distractors.

    A distractor's id is none of the home's own, and it has no category, so that it counts for
    nothing that a query looks for. Raises CatalogueError where there is no catalogue.
    """
    parts: list[GalleryPart] = []
    for cache in caches:
        with _distractors_named(cache, is_own=not parts):
            first = parts[-1].first + len(parts[-1].catalogue.products) if parts else 0
            parts.append(GalleryPart(cache, load_catalogue(cache), first))
    return Gallery(_joined([part.catalogue for part in parts]), tuple(parts))


def gallery_vectors(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> Matrix:
    """The vectors of every product by a backbone: (n, dim), memory-mapped where there is one part only.

    Raises VectorsError when those of a part are missing, damaged or stale.
    """
    matrices: list[Matrix] = []
    for part in gallery.parts:
        with _distractors_named(part.cache, is_own=not matrices):
            matrices.append(fitting_vectors(part.cache, backbone, part.catalogue, identity))
    return matrices[0] if len(matrices) == 1 else np.concatenate(matrices)


def gallery_descriptions(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> list[Descriptions]:
    """The descriptions of every product by a backbone, a set a part. Raises VectorsError as `gallery_vectors` does."""
    found: list[Descriptions] = []
    for part in gallery.parts:
        with _distractors_named(part.cache, is_own=not found):
            found.append(fitting_descriptions(part.cache, backbone, part.catalogue, identity))
    return found


def gallery_version(caches: Sequence[Path], backbone: Backbone | None = None) -> tuple[FileVersion, ...]:
    """What changes whenever a catalogue is replaced or, with `backbone`, its vectors are."""
    paths = [catalogue_path(cache) for cache in caches]
    if backbone is not None:
        folders = [folder(cache, backbone) for cache in caches for folder in (vectors_folder, descriptions_folder)]
        paths += [folder / "manifest.json" for folder in folders]
    return tuple(_file_version(path) for path in paths)


def _joined(catalogues: Sequence[Catalogue]) -> Catalogue:
    own, *others = catalogues
    distractors = [
        replace(product, product_id=f"distractor {number}: {product.product_id}", category="")
        for number, other in enumerate(others, start=1)
        for product in other.products
    ]
    return replace(own, products=(*own.products, *distractors)) if distractors else own


@contextmanager
def _distractors_named(cache: Path, *, is_own: bool) -> Iterator[None]:
    """Say of a failure with a part that is not the home's own whose it is."""
    try:
        yield
    except (CatalogueError, VectorsError) as error:
        if is_own:
            raise
        raise type(error)(f"The distractors cannot be used (RECSYS_HOME={cache.parent}): {error}") from None


def _file_version(path: Path) -> FileVersion:
    """What changes whenever the file is replaced; zeros where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino
