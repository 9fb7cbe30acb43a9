from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import PhotoError
from embeddings.imaging.box import WHOLE, Box
from embeddings.imaging.framing import trim
from embeddings.imaging.photos import RGB, decode_photo, encode_jpeg
from embeddings.models.backbones import BACKBONES
from recsys.catalogue.products import Product, images_of, load_catalogue
from recsys.errors import LostPictureError
from recsys.ui.photo.query_photos import query_photo_of, read_query_photo

LITE0, LITE1 = BACKBONES["EfficientNetLite0"], BACKBONES["EfficientNetLite1"]


def test_a_photo_is_shown_with_its_aspect_and_studied_as_a_square() -> None:
    photo = read_query_photo(encode_jpeg(np.zeros((500, 1000, 3), np.uint8), quality=90), origin="camera")
    assert decode_photo(photo.preview_jpeg).shape == (320, 640, 3)
    assert photo.encoder_input.shape == (240, 240, 3)


def test_what_is_studied_is_what_is_in_the_frame() -> None:
    pixels = np.zeros((400, 400, 3), np.uint8)
    pixels[:200, :200] = 255
    photo = read_query_photo(encode_jpeg(pixels, quality=95), origin="upload")
    assert photo.box == photo.proposed == Box(0.075, 0.075, 0.85, 0.85)
    assert photo.encoder_input.min() == 0
    corner = photo.within(Box(0.0, 0.0, 0.4, 0.4))
    assert corner.framed.shape == (160, 160, 3)
    assert corner.encoder_input.min() > 250
    assert photo.within(photo.box).identity == photo.identity != corner.identity


@pytest.mark.parametrize("is_large", [False, True])
def test_released_pixels_are_decoded_again_unchanged(
    is_large: bool, photographs: dict[str, RGB], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recsys.ui.photo.query_photos._MOST_KEPT", 0 if is_large else 10**6)
    photo = read_query_photo(encode_jpeg(photographs["coffee"], quality=90), origin="upload")
    pixels = photo.pixels
    photo.let_pixels_go()
    assert (photo.decoded is None) is not is_large  # of a large file, the pixels are kept
    assert photo.sides == (400, 600)
    assert np.array_equal(photo.pixels, pixels)
    assert np.array_equal(photo.within(WHOLE).framed, pixels)


def test_a_file_that_is_no_picture_is_refused() -> None:
    with pytest.raises(PhotoError, match="got a text"):
        read_query_photo(b"not a picture", origin="upload")


def test_a_product_is_searched_with_the_very_picture_that_was_encoded(searchable_home: Path) -> None:
    cache = searchable_home / "cache"
    product = load_catalogue(cache).products[3]
    photo = query_photo_of(product, cache)
    assert np.array_equal(
        photo.encoder_input, decode_photo(images_of(cache).study_path(product.image_key).read_bytes())
    )
    assert photo.box == photo.proposed == WHOLE
    assert (photo.origin, photo.product_id, photo.title) == ("product", product.product_id, product.name)


def test_a_product_is_described_without_its_background_unless_it_is_framed(searchable_home: Path) -> None:
    cache = searchable_home / "cache"
    photo = query_photo_of(load_catalogue(cache).products[3], cache)
    pixels = np.pad(photo.pixels, ((40, 40), (60, 60), (0, 0)), constant_values=255)
    packshot = replace(photo, decoded=pixels)
    assert np.array_equal(packshot.refined_input, trim(pixels))
    assert packshot.refined_input.shape == photo.pixels.shape
    half = Box(0.0, 0.0, 0.5, 0.5)
    assert np.array_equal(packshot.within(half).refined_input, half.cut(pixels))


def test_a_product_without_its_pictures_says_so(tmp_path: Path) -> None:
    with pytest.raises(LostPictureError, match="lost or damaged"):
        query_photo_of(Product("P1", "Susu", "0" * 64), tmp_path)
