"""The photo that a visitor searches with, and the vectors it was encoded into."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

from embeddings.errors import PhotoError
from embeddings.imaging.box import WHOLE, Box, proposed_box
from embeddings.imaging.framing import trimmed
from embeddings.imaging.photos import QUERY_SIDE, RGB, decode_photo, encode_jpeg, resize_as_studied, shrink_within
from embeddings.models.backbones import Backbone
from recsys.catalogue.products import Product, images_of
from recsys.errors import CatalogueError
from recsys.search.ranking import Query, Ranking
from recsys.search.rankings import COSINE

Taken = Literal["upload", "camera", "paste"]
"""How a visitor's own photo came."""

Origin = Taken | Literal["sample", "product"]

_SHOWN_SIDE = 640
_AHEAD = ThreadPoolExecutor(thread_name_prefix="encoding")
_Key = tuple[str, Box, str, str]


@dataclass(frozen=True, eq=False)
class QueryPhoto:
    """A photo to search with, as it was decoded, upright: `pixels` (height, width, 3); its `box` is what is searched.

    The `title` is that of a sample or a product, and empty for a visitor's own photo.
    `small` is the whole photo as a small JPEG, where there is one already. A catalogue product has a `product_id`,
    which its own matches leave out, and `kept`, the very (240, 240, 3) picture of it that was encoded.
    """

    origin: Origin
    title: str
    digest: str
    pixels: RGB
    proposed: Box
    box: Box
    small: bytes | None = None
    product_id: str | None = None
    stored_input: RGB | None = None

    def within(self, box: Box) -> "QueryPhoto":
        """The same photo, searched within another box."""
        return replace(self, box=box, small=self.preview_jpeg)

    @property
    def identity(self) -> tuple[str, Box]:
        """What tells this search from another: the photo's bytes, and the box."""
        return self.digest, self.box

    @cached_property
    def preview_jpeg(self) -> bytes:
        """The whole photo as a small JPEG; made when it is asked for, so that encoding can begin before."""
        return self.small or encode_jpeg(shrink_within(self.pixels, _SHOWN_SIDE), quality=85)

    @cached_property
    def framed(self) -> RGB:
        """The pixels within the box."""
        return self.box.cut(self.pixels)

    @cached_property
    def encoder_input(self) -> RGB:
        """What every network starts from: the box's content, (240, 240, 3)."""
        if self.stored_input is not None and self.box == WHOLE:
            return self.stored_input
        return resize_as_studied(self.framed)

    @cached_property
    def refined_input(self) -> RGB:
        """What the refined ranking starts from: the box's content, of a packshot without its background."""
        return trimmed(self.pixels) if self.product_id is not None and self.box == WHOLE else self.framed


def read_query_photo(data: bytes, *, origin: Origin, title: str = "") -> QueryPhoto:
    """Decode a visitor's photo, with a proposed box around the product. Raises PhotoError."""
    pixels = decode_photo(data, max_side=QUERY_SIDE)
    proposed = proposed_box(pixels)
    return QueryPhoto(origin, title, _digest(data), pixels, proposed, proposed)


def query_photo_of(product: Product, cache: Path) -> QueryPhoto:
    """The whole kept picture of a catalogue product. Raises CatalogueError when it is lost or damaged."""
    images = images_of(cache)
    studied, shown = images.study_path(product.image_key), images.display_path(product.image_key)
    try:
        data, shown_data = studied.read_bytes(), shown.read_bytes()
        kept, pixels = decode_photo(data), decode_photo(shown_data)
    except (OSError, PhotoError):
        raise CatalogueError(
            "Expected the pictures of product {id}, which are lost or damaged: "
            "import the catalogue again with `python -m recsys catalogue import FILE.csv`.",
            id=product.product_id,
        ) from None
    return QueryPhoto(
        "product", product.name, _digest(data), pixels, WHOLE, WHOLE, shown_data, product.product_id, kept
    )


class Encode(Protocol):
    """Encodes a photo, as `Recommender.encode` does."""

    def __call__(self, photo: RGB, backbone: Backbone, *, rankings: Sequence[Ranking], framed: RGB | None) -> Query:
        """Encode the photo, and take what the rankings need of what is framed of it."""
        ...


class RecentQueries:
    """The last queries of one visitor, so that a rerun of the page does not encode the same photo again.

    A photo is encoded for each ranking by itself, so that its time is what that ranking takes.
    """

    def __init__(self, encode: Encode, *, max_queries: int = 16) -> None:
        self._encode = encode
        self._max_queries = max_queries
        self._queries: OrderedDict[_Key, Query] = OrderedDict()
        self._begun: dict[_Key, Future[Query]] = {}  # the last one only: an earlier one is not asked for any more

    def knows(self, photo: QueryPhoto, backbone: Backbone, *, ranking: Ranking = COSINE) -> bool:
        """Whether the photo within its box was encoded with `backbone` for the ranking before."""
        return (*photo.identity, backbone.name, ranking.name) in self._queries

    def begin(self, photo: QueryPhoto, backbone: Backbone, *, ranking: Ranking = COSINE) -> None:
        """Encode the photo in a thread, while the page that will ask for the query is being drawn."""
        key = (*photo.identity, backbone.name, ranking.name)
        if key not in self._queries and key not in self._begun:
            self._begun = {key: _AHEAD.submit(self._encoded, photo, backbone, ranking)}

    def query(self, photo: QueryPhoto, backbone: Backbone, *, ranking: Ranking = COSINE) -> Query:
        """The photo encoded with `backbone` for the ranking, now or before. Raises what encoding raises."""
        key = (*photo.identity, backbone.name, ranking.name)
        begun = self._begun.pop(key, None)
        if key not in self._queries:
            self._queries[key] = begun.result() if begun else self._encoded(photo, backbone, ranking)
        self._queries.move_to_end(key)
        while len(self._queries) > self._max_queries:
            self._queries.popitem(last=False)
        return self._queries[key]

    def _encoded(self, photo: QueryPhoto, backbone: Backbone, ranking: Ranking) -> Query:
        framed = photo.refined_input if ranking.describe else None
        return self._encode(photo.encoder_input, backbone, rankings=[ranking], framed=framed)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
