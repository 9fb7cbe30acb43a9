"""The photo that a visitor searches with."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from embeddings.errors import PhotoError
from embeddings.imaging.box import WHOLE, Box, proposed_box
from embeddings.imaging.framing import trim
from embeddings.imaging.photos import (
    QUERY_SIDE,
    RGB,
    averaged_within,
    decode_own,
    decode_photo,
    encode_jpeg,
    resize_as_studied,
)
from recsys.catalogue.products import Product, images_of
from recsys.errors import LostPictureError
from recsys.feedback.sources import Source
from recsys.search.barcodes import read_barcodes, searched_gtins
from recsys.ui.photo.upload_limit import MAX_UPLOAD_BYTES

_SHOWN_SIDE = 640
_MOST_KEPT = 2**20  # bytes of a file: browsers shrink larger ones, and the pixels of one sent unchanged take less


@dataclass(eq=False)
class QueryPhoto:
    """A photo to search with; `box` is searched. The pixels can be released and decoded again from `file`.

    The `title` is that of a sample or a product, and empty for a visitor's own photo. `small` is the whole photo as a
    small JPEG, if one exists already. A catalogue product has a `product_id`, which its own matches leave out, and
    `stored_input`, the exact (240, 240, 3) picture of it that was encoded.
    """

    origin: Source
    title: str
    digest: str
    decoded: RGB | None
    file: bytes | None
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
        """What distinguishes this search from another: the photo's bytes, and the box."""
        return self.digest, self.box

    @property
    def pixels(self) -> RGB:
        """The decoded photo, upright: (height, width, 3)."""
        pixels = self.decoded
        if pixels is None:
            file = self.file or b""
            pixels = self.decoded = decode_own(file) if self.product_id is not None else _decoded(file)
        return pixels

    @cached_property
    def sides(self) -> tuple[int, int]:
        """Its height and width, in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def let_pixels_go(self) -> None:
        """Keep only the file, a tenth of the pixels' memory; for when the page has everything it shows."""
        if self.file is not None:
            self.decoded = None

    @cached_property
    def preview_jpeg(self) -> bytes:
        """The whole photo as a small JPEG; made on demand, so that encoding can start first."""
        return self.small or encode_jpeg(averaged_within(self.pixels, _SHOWN_SIDE), quality=85)

    @cached_property
    def gtins(self) -> tuple[str, ...]:
        """The numbers of the searched barcodes, read on demand; none for a product's picture."""
        if self.product_id is not None:
            return ()
        return searched_gtins(read_barcodes(self.pixels), self.box, is_chosen=self.box != self.proposed)

    @property
    def framed(self) -> RGB:
        """The pixels within the box."""
        return self.box.cut(self.pixels)

    @property
    def kept_id(self) -> str | None:
        """The product whose stored picture is searched unchanged; None for anything else."""
        return self.product_id if self.stored_input is not None and self.box == WHOLE else None

    @cached_property
    def encoder_input(self) -> RGB:
        """The input of every network: the box's content, (240, 240, 3)."""
        if self.stored_input is not None and self.kept_id is not None:
            return self.stored_input
        return resize_as_studied(self.framed)

    @property
    def refined_input(self) -> RGB:
        """The input of the refined ranking: the box's content, without its background for a packshot."""
        return trim(self.pixels) if self.product_id is not None and self.box == WHOLE else self.framed


def read_query_photo(data: bytes, *, origin: Source, title: str = "") -> QueryPhoto:
    """Decode a visitor's photo, with a proposed box around the product. Raises PhotoError."""
    pixels = _decoded(data)
    proposed = proposed_box(pixels)
    file = data if len(data) <= _MOST_KEPT else None
    return QueryPhoto(origin, title, _digest(data), pixels, file, proposed, proposed)


def query_photo_of(product: Product, cache: Path) -> QueryPhoto:
    """The whole stored picture of a catalogue product. Raises LostPictureError if it is lost or damaged."""
    images = images_of(cache)
    study_path, display_path = images.study_path(product.image_key), images.display_path(product.image_key)
    try:
        data, shown_data = study_path.read_bytes(), display_path.read_bytes()
        kept, pixels = decode_own(data), decode_own(shown_data)
    except (OSError, PhotoError):
        raise LostPictureError(study_path, product.image_key) from None
    return QueryPhoto(
        Source.PRODUCT,
        product.name,
        _digest(data),
        pixels,
        shown_data,
        WHOLE,
        WHOLE,
        small=shown_data,
        product_id=product.product_id,
        stored_input=kept,
    )


def _decoded(data: bytes) -> RGB:
    return decode_photo(data, max_side=QUERY_SIDE, max_bytes=MAX_UPLOAD_BYTES)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
