"""The read side of the catalogue: products, in the shop's order, and where their pictures are."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from recsys.errors import BuildDemo, CatalogueError, FetchCatalogue, ImportAgain, ImportCatalogue
from recsys.settings import shared_address

FORMAT_VERSION = 1
CATALOGUE_FILE = "catalogue.json"
MIN_PLACEHOLDERS, PLACEHOLDER_SHARE = 10, 0.02  # products that share a picture, and their share: it is none of theirs


@dataclass(frozen=True)
class Product:
    """One product of the shop. Its texts are the shop's own: text, never markup and never a path."""

    product_id: str
    name: str
    image_key: str  # SHA-256 of the original picture, in hex: the name of both stored sizes
    brand: str = ""
    category: str = ""
    price: float | None = None
    currency: str = ""
    description: str = ""
    product_url: str = ""
    gtin: str = ""  # its barcode: 8, 12, 13 or 14 digits, including a valid check digit


@dataclass(frozen=True)
class ImageSource:
    """Where a stored picture came from, and what identifies its version there."""

    image_url: str
    image_key: str
    etag: str = ""
    last_modified: str = ""  # an HTTP date, or a local file's size and modification time


@dataclass(frozen=True)
class Catalogue:
    """Every imported product. `origin` is its creator: `demo`, or empty for a real shop."""

    products: tuple[Product, ...]
    sources: dict[str, ImageSource] = field(default_factory=dict)  # by product_id
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
        """The keys of placeholder pictures, with the number of products that show each.

        A few variants of a product may also share a picture; one that this many show does not distinguish them.
        """
        counts = Counter(self.image_keys)
        least = max(MIN_PLACEHOLDERS, len(self.products) * PLACEHOLDER_SHARE)
        return {key: count for key, count in counts.items() if count >= least}

    @cached_property
    def own_picture(self) -> tuple[bool, ...]:
        """Whether each product's picture is its own, not a placeholder, in catalogue order."""
        return tuple(key not in self.placeholder_keys for key in self.image_keys)


class ImageFolder:
    """The stored pictures: `<folder>/240/<key>.jpg` (encoded) and `<folder>/640/<key>.jpg` (shown)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def study_path(self, image_key: str) -> Path:
        """The 240x240 picture, as the study resized it."""
        return self.folder / "240" / f"{image_key}.jpg"

    def display_path(self, image_key: str) -> Path:
        """The picture of up to 640 px, with its aspect kept."""
        return self.folder / "640" / f"{image_key}.jpg"


def catalogue_path(cache: Path) -> Path:
    """Where a data home's catalogue is stored."""
    return cache / CATALOGUE_FILE


def maker_mark(cache: Path) -> Path:
    """The file that marks the machine that makes the catalogue for others; its content tells what was shared last."""
    return cache / "made-here"


def images_of(cache: Path) -> ImageFolder:
    """Where a data home's pictures are stored."""
    return ImageFolder(cache / "images")


def load_catalogue(cache: Path) -> Catalogue:
    """Read the catalogue below `cache`.

    Raises CatalogueError if there is none, or if the file is not a catalogue of this version.
    """
    path = catalogue_path(cache)
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        if content["format"] != FORMAT_VERSION:
            raise CatalogueError(
                f"Expected a catalogue of format {FORMAT_VERSION}, got {content['format']}.",
                remedies=(ImportAgain(),),
            )
        return Catalogue(
            products=tuple(Product(**product) for product in content["products"]),
            sources={key: ImageSource(**source) for key, source in content["sources"].items()},
            origin=content["origin"],
        )
    except FileNotFoundError:
        raise CatalogueError(
            f"Expected a catalogue in {cache.parent}, found none.",
            remedies=(FetchCatalogue() if shared_address(cache) else BuildDemo(), ImportCatalogue()),
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CatalogueError(
            f"Expected a catalogue in {path}, found a damaged file.", remedies=(ImportAgain(),)
        ) from None


def catalogue_json(catalogue: Catalogue) -> str:
    """The catalogue as text, for `load_catalogue`."""
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
