from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import pytest

from embeddings.errors import NetworkError
from embeddings.imaging.box import WHOLE
from embeddings.imaging.photos import RGB, encode_jpeg
from embeddings.models.backbones import BACKBONES, Backbone
from recsys.search.ranking import Query, Ranking
from recsys.search.rankings import REFINED
from recsys.ui.photo.query_photos import read_query_photo
from recsys.ui.photo.recent_queries import RecentQueries

LITE0, LITE1 = BACKBONES["EfficientNetLite0"], BACKBONES["EfficientNetLite1"]


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


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


def test_a_photo_is_encoded_once_a_backbone_however_often_it_is_asked_for(threads: Executor) -> None:
    encode = CountingEncoder()
    queries = RecentQueries(encode, threads)
    first = queries.query(photo_of(10), LITE0)
    assert queries.query(photo_of(10), LITE0) is first
    assert encode.num_encoded == 1
    assert queries.query(photo_of(10), LITE1).backbone is LITE1
    queries.query(photo_of(200), LITE0)
    assert encode.num_encoded == 3


def test_a_photo_is_described_once_and_only_where_the_refined_ranking_asks_for_it(threads: Executor) -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode, threads), photo_of(10)
    queries.query(photo, LITE0)
    assert encode.framed is None
    assert not queries.knows(photo, LITE0, ranking=REFINED)
    first = queries.query(photo, LITE0, ranking=REFINED)
    assert np.array_equal(encode.framed, photo.framed)
    assert queries.query(photo, LITE0, ranking=REFINED) is first
    queries.query(photo, LITE0)
    assert encode.num_encoded == 2


def test_only_the_last_queries_are_kept(threads: Executor) -> None:
    encode = CountingEncoder()
    queries = RecentQueries(encode, threads, max_queries=2)
    for value in (10, 60, 10, 110):
        queries.query(photo_of(value), LITE0)
    assert encode.num_encoded == 3
    queries.query(photo_of(10), LITE0)
    assert encode.num_encoded == 3
    queries.query(photo_of(60), LITE0)
    assert encode.num_encoded == 4


def test_a_photo_is_encoded_again_for_another_frame_only(threads: Executor) -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode, threads), photo_of(10)
    queries.query(photo, LITE0)
    queries.query(photo.within(WHOLE), LITE0)
    assert encode.num_encoded == 2
    queries.query(photo.within(photo.proposed), LITE0)
    assert encode.num_encoded == 2


def test_a_photo_that_began_to_be_encoded_ahead_is_not_encoded_again(threads: Executor) -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode, threads), photo_of(10)
    queries.begin(photo, LITE0, ranking=REFINED)
    queries.begin(photo, LITE0, ranking=REFINED)
    assert np.array_equal(queries.query(photo, LITE0, ranking=REFINED).vector, np.eye(1, LITE0.dim)[0])
    assert np.array_equal(encode.framed, photo.framed)
    queries.begin(photo, LITE0, ranking=REFINED)
    queries.query(photo, LITE0, ranking=REFINED)
    assert encode.num_encoded == 1


def test_what_failed_ahead_is_raised_when_it_is_asked_for_and_tried_again_after_that(threads: Executor) -> None:
    encode = CountingEncoder()

    def fail_at_first(*photo: object, **how: object) -> Query:
        if encode.num_encoded == 0:
            encode.num_encoded = 1
            raise NetworkError("no memory")
        return encode(*photo, **how)

    queries, photo = RecentQueries(fail_at_first, threads), photo_of(10)
    queries.begin(photo, LITE0)
    with pytest.raises(NetworkError, match="no memory"):
        queries.query(photo, LITE0)
    assert queries.query(photo, LITE0).backbone is LITE0
