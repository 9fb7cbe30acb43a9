"""The read side of the catalogue: products, in the shop's order, and where their pictures are."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from recsys.errors import BuildDemo, CatalogueError, ImportCatalogue

FORMAT_VERSION = 1
CATALOGUE_FILE = "catalogue.json"
MIN_PLACEHOLDERS, PLACEHOLDER_SHARE = 10, 0.02  # from so many products with the same picture on it is none of theirs


@dataclass(frozen=True)
class Product:
    """One product of the shop. Its texts are the shop's own: text, never markup and never a path."""

    product_id: str
    name: str
    image_key: str  # SHA-256 of the picture as it came, in hex: names both kept sizes
    brand: str = ""
    category: str = ""
    price: float | None = None
    currency: str = ""
    description: str = ""
    product_url: str = ""
    gtin: str = ""  # the digits of its barcode: 8, 12, 13 or 14 of them, the last one checked


@dataclass(frozen=True)
class Source:
    """Where a kept picture came from, and what tells later that it has not changed there."""

    image_url: str
    image_key: str
    etag: str = ""
    last_modified: str = ""  # an HTTP date, or a local file's size and modification time


@dataclass(frozen=True)
class Catalogue:
    """Every imported product. `origin` says who made it: `demo`, or empty for a real shop."""

    products: tuple[Product, ...]
    sources: dict[str, Source] = field(default_factory=dict)  # by product_id
    origin: str = ""

    @cached_property
    def by_id(self) -> dict[str, Product]:
        """The products by their id."""
        return {product.product_id: product for product in self.products}

    @cached_property
    def image_keys(self) -> tuple[str, ...]:
        """The key of each product's picture, in catalogue order: row i of every vector matrix."""
        return tuple(product.image_key for product in self.products)

    @cached_property
    def placeholder_keys(self) -> dict[str, int]:
        """The keys of pictures that stand in for missing ones, with how many products show each.

        A few variants of a product share a picture too; what as many as these show tells none of them from another.
        """
        counts = Counter(self.image_keys)
        least = max(MIN_PLACEHOLDERS, len(self.products) * PLACEHOLDER_SHARE)
        return {key: count for key, count in counts.items() if count >= least}

    @cached_property
    def tells(self) -> tuple[bool, ...]:
        """Whether each product's picture is its own and no placeholder's, in catalogue order."""
        return tuple(key not in self.placeholder_keys for key in self.image_keys)


class ImageFolder:
    """The kept pictures: `<folder>/240/<key>.jpg` (encoded) and `<folder>/640/<key>.jpg` (shown)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def study_path(self, image_key: str) -> Path:
        """The 240x240 picture, as the study resized it."""
        return self.folder / "240" / f"{image_key}.jpg"

    def display_path(self, image_key: str) -> Path:
        """The picture of up to 640 px with its aspect kept."""
        return self.folder / "640" / f"{image_key}.jpg"


def catalogue_path(cache: Path) -> Path:
    """Where the catalogue of a data home is kept."""
    return cache / CATALOGUE_FILE


def images_of(cache: Path) -> ImageFolder:
    """Where the pictures of a data home are kept."""
    return ImageFolder(cache / "images")


def load_catalogue(cache: Path) -> Catalogue:
    """Read the catalogue below `cache`.

    Raises CatalogueError when there is none, or when the file is not a catalogue of this version.
    """
    path = catalogue_path(cache)
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        if content["format"] != FORMAT_VERSION:
            raise CatalogueError(
                "Expected a catalogue of format {expected}, got {received}: import the CSV again.",
                expected=FORMAT_VERSION,
                received=content["format"],
            )
        return Catalogue(
            products=tuple(Product(**product) for product in content["products"]),
            sources={key: Source(**source) for key, source in content["sources"].items()},
            origin=content["origin"],
        )
    except FileNotFoundError:
        raise CatalogueError(
            "Expected a catalogue in {folder}, found none.",
            folder=cache.parent,
            remedies=(BuildDemo(), ImportCatalogue()),
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CatalogueError(
            "Expected a catalogue in {path}, found a damaged file: import the CSV again.", path=path
        ) from None


def catalogue_json(catalogue: Catalogue) -> str:
    """The catalogue as the text that `load_catalogue` reads."""
    return json.dumps(
        {
            "format": FORMAT_VERSION,
            "origin": catalogue.origin,
            "products": [asdict(product) for product in catalogue.products],
            "sources": {key: asdict(source) for key, source in catalogue.sources.items()},
        },
        ensure_ascii=False,
        indent=0,
    )
