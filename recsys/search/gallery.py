"""What is searched: a data home's catalogue, followed, in an evaluation, by another home's as distractors."""

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
    """One data home's part of a gallery: its product `i` is row `first + i` of the gallery."""

    cache: Path
    catalogue: Catalogue
    first: int
    _stores: Versioned = field(default_factory=Versioned, repr=False, compare=False)

    def store(self, of: Callable[[Path, Backbone], Store], backbone: Backbone) -> Store:
        """The part's store for a backbone, opened by `of`; kept open, since its version is asked for often."""
        return self._stores.get((of, backbone.name), None, lambda: of(self.cache, backbone))


@dataclass(frozen=True)
class Gallery:
    """Everything that is searched together: the home's own part, followed by the distractors'."""

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
    def own_picture(self) -> NDArray[np.bool_]:
        """Which rows have their own picture, (n,): a placeholder shared by many products is no evidence."""
        return np.array([own for part in self.parts for own in part.catalogue.own_picture], np.bool_)

    def read_parts(self, read: Callable[[GalleryPart], T]) -> list[T]:
        """The results of `read` for each part; an error from the distractors says so."""
        found: list[T] = []
        for part in self.parts:
            with _distractors_named(part.cache, is_own=part is self.parts[0]):
                found.append(read(part))
        return found

    def read_once(self, key: Hashable, files: Sequence[Path], read: Callable[[], T]) -> T:
        """The result of `read` on `files` that do not depend on a backbone: computed once until the files change."""
        return self._read.get(key, file_versions(files), read)

    def packshot(self, row: int) -> RGB:
        """A row's picture: (height, width, 3). Raises LostPictureError if it is lost or damaged."""
        part = next(part for part in reversed(self.parts) if part.first <= row)
        return kept_packshot(images_of(part.cache), self.catalogue.image_keys[row])

    def display_path(self, product: Product) -> Path:
        """Where a product's picture is stored, in whichever part has it."""
        paths = [images_of(part.cache).display_path(product.image_key) for part in self.parts]
        return next((path for path in paths if path.is_file()), paths[0])


def load_gallery(caches: Sequence[Path]) -> Gallery:
    """Read the catalogues below `caches`; the products of all but the first are distractors.

    A distractor gets an id that none of the home's products has, and no category, so that it never counts as right.
    Raises CatalogueError if there is no catalogue.
    """
    parts: list[GalleryPart] = []
    for cache in caches:
        with _distractors_named(cache, is_own=not parts):
            first = parts[-1].first + len(parts[-1].catalogue.products) if parts else 0
            parts.append(GalleryPart(cache, load_catalogue(cache), first))
    return Gallery(_joined([part.catalogue for part in parts]), tuple(parts))


def file_versions(paths: Iterable[Path]) -> tuple[FileVersion, ...]:
    """A value that changes whenever one of the files is replaced, added or removed."""
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
    """Make an error from a part that is not the home's own name that part."""
    try:
        yield
    except (CatalogueError, VectorsError) as error:
        if is_own:
            raise
        raise type(error)(
            f"The distractors cannot be used (RECSYS_HOME={cache.parent}): {error}", remedies=error.remedies
        ) from None


def _file_version(path: Path) -> FileVersion:
    """A value that changes whenever the file is replaced; zeros if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino
