"""What is searched: a data home's catalogue and, for an evaluation, another home's behind it as distractors."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.features.store import Store
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import Backbone
from recsys.catalogue.packshots import kept_packshot
from recsys.catalogue.products import Catalogue, Product, images_of, load_catalogue
from recsys.errors import CatalogueError
from recsys.search.versioned import Versioned

FileVersion = tuple[int, int]
T = TypeVar("T")


@dataclass(frozen=True)
class GalleryPart:
    """One data home's part of a gallery: its product `i` is row `first + i` of the whole."""

    cache: Path
    catalogue: Catalogue
    first: int
    _stores: Versioned = field(default_factory=Versioned, repr=False, compare=False)

    def store(self, of: Callable[[Path, Backbone], Store], backbone: Backbone) -> Store:
        """One of the part's stores by a backbone, which `of` opens; kept open, to be asked often for its version."""
        return self._stores.get((of, backbone.name), None, lambda: of(self.cache, backbone))


@dataclass(frozen=True)
class Gallery:
    """All that is searched together: the home's own part and, behind it, the distractors'."""

    catalogue: Catalogue
    parts: tuple[GalleryPart, ...]
    _read: Versioned = field(default_factory=Versioned, repr=False, compare=False)

    @property
    def own(self) -> Catalogue:
        """The home's own catalogue."""
        return self.parts[0].catalogue

    @property
    def distractors(self) -> Catalogue | None:
        """The other home's catalogue, if there is one."""
        return self.parts[1].catalogue if len(self.parts) > 1 else None

    @cached_property
    def tells(self) -> NDArray[np.bool_]:
        """Which rows have a picture of their own, (n,): a placeholder that many share is no reason for anything."""
        return np.array([tells for part in self.parts for tells in part.catalogue.tells], np.bool_)

    def read_parts(self, read: Callable[[GalleryPart], T]) -> list[T]:
        """What `read` gives of each part; a failure with the distractors says so."""
        found: list[T] = []
        for part in self.parts:
            with _distractors_named(part.cache, is_own=part is self.parts[0]):
                found.append(read(part))
        return found

    def read_once(self, key: Hashable, files: Sequence[Path], read: Callable[[], T]) -> T:
        """What `read` gives of `files` that no backbone has made: the same for all until the files change."""
        return self._read.get(key, file_versions(files), read)

    def packshot(self, row: int) -> RGB:
        """A row's picture: (height, width, 3). Raises LostPictureError when it is lost or damaged."""
        part = next(part for part in reversed(self.parts) if part.first <= row)
        return kept_packshot(images_of(part.cache), self.catalogue.image_keys[row])

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


def file_versions(paths: Iterable[Path]) -> tuple[FileVersion, ...]:
    """What changes whenever one of the files is replaced, comes or goes."""
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
        raise type(error)(
            f"The distractors cannot be used (RECSYS_HOME={cache.parent}): {error}", remedies=error.remedies
        ) from None


def _file_version(path: Path) -> FileVersion:
    """What changes whenever the file is replaced; zeros where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino
