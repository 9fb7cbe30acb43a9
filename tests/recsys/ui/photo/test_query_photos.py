from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import NetworkError, PhotoError
from embeddings.imaging.box import WHOLE, Box
from embeddings.imaging.framing import trimmed
from embeddings.imaging.photos import RGB, decode_photo, encode_jpeg
from embeddings.models.backbones import BACKBONES, Backbone
from recsys.catalogue.products import Product, images_of, load_catalogue
from recsys.errors import CatalogueError
from recsys.search.ranking import Query, Ranking
from recsys.search.rankings import REFINED
from recsys.ui.photo.query_photos import RecentQueries, query_photo_of, read_query_photo

LITE0, LITE1 = BACKBONES["EfficientNetLite0"], BACKBONES["EfficientNetLite1"]


class CountingEncoder:
    """Stands in for a network: it counts what it is asked for."""

    def __init__(self) -> None:
        self.num_encoded = 0

    def __call__(self, photo: RGB, backbone: Backbone, *, rankings: Sequence[Ranking], framed: RGB | None) -> Query:
        self.num_encoded += 1
        self.framed = framed
        return Query(backbone, np.eye(1, backbone.dim, dtype=np.float32)[0], 1.0)


def photo_of(value: int):
    return read_query_photo(encode_jpeg(np.full((50, 60, 3), value, np.uint8), quality=90), origin="upload")


def test_a_photo_is_encoded_once_a_backbone_however_often_it_is_asked_for() -> None:
    encode = CountingEncoder()
    queries = RecentQueries(encode)
    first = queries.query(photo_of(10), LITE0)
    assert queries.query(photo_of(10), LITE0) is first
    assert encode.num_encoded == 1
    assert queries.query(photo_of(10), LITE1).backbone is LITE1
    queries.query(photo_of(200), LITE0)
    assert encode.num_encoded == 3


def test_a_photo_is_described_once_and_only_where_the_refined_ranking_asks_for_it() -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode), photo_of(10)
    queries.query(photo, LITE0)
    assert encode.framed is None
    assert not queries.knows(photo, LITE0, ranking=REFINED)
    first = queries.query(photo, LITE0, ranking=REFINED)
    assert np.array_equal(encode.framed, photo.framed)
    assert queries.query(photo, LITE0, ranking=REFINED) is first
    queries.query(photo, LITE0)
    assert encode.num_encoded == 2


def test_only_the_last_queries_are_kept() -> None:
    encode = CountingEncoder()
    queries = RecentQueries(encode, max_queries=2)
    for value in (10, 60, 10, 110):
        queries.query(photo_of(value), LITE0)
    assert encode.num_encoded == 3
    queries.query(photo_of(10), LITE0)
    assert encode.num_encoded == 3
    queries.query(photo_of(60), LITE0)
    assert encode.num_encoded == 4


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


def test_a_photo_is_encoded_again_for_another_frame_only() -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode), photo_of(10)
    queries.query(photo, LITE0)
    queries.query(photo.within(WHOLE), LITE0)
    assert encode.num_encoded == 2
    queries.query(photo.within(photo.proposed), LITE0)
    assert encode.num_encoded == 2


def test_a_photo_that_began_to_be_encoded_ahead_is_not_encoded_again() -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode), photo_of(10)
    queries.begin(photo, LITE0, ranking=REFINED)
    queries.begin(photo, LITE0, ranking=REFINED)
    assert np.array_equal(queries.query(photo, LITE0, ranking=REFINED).vector, np.eye(1, LITE0.dim)[0])
    assert np.array_equal(encode.framed, photo.framed)
    queries.begin(photo, LITE0, ranking=REFINED)
    queries.query(photo, LITE0, ranking=REFINED)
    assert encode.num_encoded == 1


def test_what_failed_ahead_is_raised_when_it_is_asked_for_and_tried_again_after_that() -> None:
    encode = CountingEncoder()

    def fail_at_first(*photo: object, **how: object) -> Query:
        if encode.num_encoded == 0:
            encode.num_encoded = 1
            raise NetworkError("no memory")
        return encode(*photo, **how)

    queries, photo = RecentQueries(fail_at_first), photo_of(10)
    queries.begin(photo, LITE0)
    with pytest.raises(NetworkError, match="no memory"):
        queries.query(photo, LITE0)
    assert queries.query(photo, LITE0).backbone is LITE0


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
    packshot = replace(photo, pixels=pixels)
    assert np.array_equal(packshot.refined_input, trimmed(pixels))
    assert packshot.refined_input.shape == photo.pixels.shape
    half = Box(0.0, 0.0, 0.5, 0.5)
    assert np.array_equal(packshot.within(half).refined_input, half.cut(pixels))


def test_a_product_without_its_pictures_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="import the catalogue again"):
        query_photo_of(Product("P1", "Susu", "0" * 64), tmp_path)
