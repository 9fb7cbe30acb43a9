"""The photo that a visitor searches with, and the vectors it was encoded into."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embeddings.backbones import Backbone
from embeddings.errors import PhotoError
from embeddings.photos import QUERY_SIDE, RGB, decode_photo, resize_as_studied, shrink_within
from recsys.catalogue.products import Product, images_of
from recsys.errors import CatalogueError
from recsys.recommender import Query

Origin = Literal["upload", "camera", "sample", "product"]

_SHOWN_SIDE = 480


@dataclass(frozen=True)
class QueryPhoto:
    """A photo to search with: `shown` keeps its aspect, `studied` is the (240, 240, 3) that every network starts from.

    `product_id` is set for a catalogue product, which its own matches leave out.
    """

    origin: Origin
    title: str
    digest: str
    shown: RGB
    studied: RGB
    product_id: str | None = None


def read_query_photo(data: bytes, *, origin: Origin, title: str = "") -> QueryPhoto:
    """Decode a visitor's photo. Raises PhotoError."""
    photo = decode_photo(data, max_side=QUERY_SIDE)
    return QueryPhoto(origin, title, _digest(data), shrink_within(photo, _SHOWN_SIDE), resize_as_studied(photo))


def query_photo_of(product: Product, cache: Path) -> QueryPhoto:
    """The kept picture of a catalogue product. Raises CatalogueError when it is lost or damaged."""
    images = images_of(cache)
    studied, shown = images.study_path(product.image_key), images.display_path(product.image_key)
    try:
        data = studied.read_bytes()
        picture, small = decode_photo(data), decode_photo(shown.read_bytes(), max_side=_SHOWN_SIDE)
    except (OSError, PhotoError):
        raise CatalogueError(
            f"Expected the pictures of product {product.product_id}, which are lost or damaged: "
            "import the catalogue again with `python -m recsys catalogue import FILE.csv`."
        ) from None
    return QueryPhoto("product", product.name, _digest(data), small, picture, product.product_id)


class RecentQueries:
    """The last queries of one visitor, so that a rerun of the page does not encode the same photo again."""

    def __init__(self, encode: Callable[[RGB, Backbone], Query], *, max_queries: int = 16) -> None:
        self._encode = encode
        self._max_queries = max_queries
        self._queries: OrderedDict[tuple[str, str], Query] = OrderedDict()

    def knows(self, photo: QueryPhoto, backbone: Backbone) -> bool:
        """Whether the photo was encoded with `backbone` before."""
        return (photo.digest, backbone.name) in self._queries

    def query(self, photo: QueryPhoto, backbone: Backbone) -> Query:
        """The photo encoded with `backbone`, now or before. Raises what encoding raises."""
        key = (photo.digest, backbone.name)
        if key not in self._queries:
            self._queries[key] = self._encode(photo.studied, backbone)
        self._queries.move_to_end(key)
        while len(self._queries) > self._max_queries:
            self._queries.popitem(last=False)
        return self._queries[key]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
