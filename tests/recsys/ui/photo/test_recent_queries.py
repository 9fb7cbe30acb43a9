import pickle
from collections.abc import Sequence
from concurrent.futures import CancelledError
from itertools import count
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from embeddings.errors import NetworkError
from embeddings.imaging.box import WHOLE
from embeddings.imaging.photos import RGB, encode_jpeg
from embeddings.models.backbones import BACKBONES, Backbone
from recsys.search.queue import SearchQueue
from recsys.search.ranking import Query, Ranking
from recsys.search.rankings import COSINE, REFINED
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from recsys.ui.photo.query_photos import read_query_photo
from recsys.ui.photo.recent_queries import RecentQueries

pytestmark = pytest.mark.usefixtures("loaded_networks")

LITE0, LITE1 = BACKBONES["EfficientNetLite0"], BACKBONES["EfficientNetLite1"]


@pytest.fixture
def queue() -> SearchQueue:
    return SearchQueue(1)


@pytest.fixture
def recommender(described_home: Path) -> Recommender:
    return Recommender(Settings(home=described_home))


class CountingEncoder:
    """Replaces a network, and counts its calls."""

    def __init__(self) -> None:
        self.num_encoded = 0

    def __call__(
        self,
        photo: RGB,
        backbone: Backbone,
        *,
        rankings: Sequence[Ranking],
        framed: RGB | None,
        kept_id: str | None,
    ) -> Query:
        self.num_encoded += 1
        self.framed = framed
        return Query(backbone, np.eye(1, backbone.dim, dtype=np.float32)[0], 1.0)


def photo_of(value: int):
    return read_query_photo(encode_jpeg(np.full((50, 60, 3), value, np.uint8), quality=90), origin="upload")


def test_a_photo_is_encoded_once_a_backbone_however_often_it_is_asked_for(queue: SearchQueue) -> None:
    encode = CountingEncoder()
    queries = RecentQueries(encode, queue)
    first = queries.query(photo_of(10), LITE0, ranking=COSINE)
    assert queries.query(photo_of(10), LITE0, ranking=COSINE) is first
    assert encode.num_encoded == 1
    assert queries.query(photo_of(10), LITE1, ranking=COSINE).backbone is LITE1
    queries.query(photo_of(200), LITE0, ranking=COSINE)
    assert encode.num_encoded == 3


def test_a_photo_is_described_once_and_only_for_the_refined_ranking(queue: SearchQueue) -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode, queue), photo_of(10)
    queries.query(photo, LITE0, ranking=COSINE)
    assert encode.framed is None
    assert not queries.knows(photo, LITE0, ranking=REFINED)
    first = queries.query(photo, LITE0, ranking=REFINED)
    assert np.array_equal(encode.framed, photo.framed)
    assert queries.query(photo, LITE0, ranking=REFINED) is first
    queries.query(photo, LITE0, ranking=COSINE)
    assert encode.num_encoded == 2


def test_only_the_last_queries_are_kept(queue: SearchQueue) -> None:
    encode = CountingEncoder()
    queries = RecentQueries(encode, queue)
    for value in [*range(0, 240, 15), 0, 240]:
        queries.query(photo_of(value), LITE0, ranking=COSINE)
    assert encode.num_encoded == 17
    queries.query(photo_of(0), LITE0, ranking=COSINE)
    assert encode.num_encoded == 17
    queries.query(photo_of(15), LITE0, ranking=COSINE)
    assert encode.num_encoded == 18


def test_a_visitors_photo_and_queries_take_at_most_8_mb(recommender: Recommender, queue: SearchQueue) -> None:
    queries, noise = RecentQueries(recommender.encode, queue), np.random.default_rng(0)
    held: list[object] = []
    for _ in range(6):
        pixels = noise.integers(0, 255, (1280, 1280, 3), np.uint8)
        photo = read_query_photo(encode_jpeg(pixels, quality=60), origin="upload")
        held = [photo, queries.query(photo, LITE0, ranking=REFINED), photo.preview_jpeg]
    assert len(pickle.dumps([held, queries._queries])) < 8e6


def test_nothing_is_searched_again_that_has_not_changed(queue: SearchQueue) -> None:
    queries, searches = RecentQueries(CountingEncoder(), queue), count()
    query = queries.query(photo_of(10), LITE0, ranking=COSINE)
    assert [queries.result(query, conditions, lambda: next(searches)) for conditions in (1, 1, 2, 2)] == [0, 0, 1, 1]
    other = queries.query(photo_of(60), LITE0, ranking=COSINE)
    assert queries.result(other, 2, lambda: next(searches)) == 2


def test_a_photo_is_encoded_again_for_another_frame_only(queue: SearchQueue) -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode, queue), photo_of(10)
    queries.query(photo, LITE0, ranking=COSINE)
    queries.query(photo.within(WHOLE), LITE0, ranking=COSINE)
    assert encode.num_encoded == 2
    queries.query(photo.within(photo.proposed), LITE0, ranking=COSINE)
    assert encode.num_encoded == 2


def test_a_photo_that_began_to_be_encoded_ahead_is_not_encoded_again(queue: SearchQueue) -> None:
    encode = CountingEncoder()
    queries, photo = RecentQueries(encode, queue), photo_of(10)
    queries.begin(photo, LITE0, ranking=REFINED)
    queries.begin(photo, LITE0, ranking=REFINED)
    assert np.array_equal(queries.query(photo, LITE0, ranking=REFINED).vector, np.eye(1, LITE0.dim)[0])
    assert np.array_equal(encode.framed, photo.framed)
    queries.begin(photo, LITE0, ranking=REFINED)
    queries.query(photo, LITE0, ranking=REFINED)
    assert encode.num_encoded == 1


def test_what_failed_ahead_is_raised_when_it_is_asked_for_and_tried_again_after_that(queue: SearchQueue) -> None:
    encode = CountingEncoder()

    def fail_at_first(*photo: object, **how: object) -> Query:
        if encode.num_encoded == 0:
            encode.num_encoded = 1
            raise NetworkError("no memory")
        return encode(*photo, **how)

    queries, photo = RecentQueries(fail_at_first, queue), photo_of(10)
    queries.begin(photo, LITE0, ranking=COSINE)
    with pytest.raises(NetworkError, match="no memory"):
        queries.query(photo, LITE0, ranking=COSINE)
    assert queries.query(photo, LITE0, ranking=COSINE).backbone is LITE0


def test_no_work_is_done_for_a_visitor_who_left_until_they_return(queue: SearchQueue) -> None:
    encode, there = CountingEncoder(), Event()
    queries, photo = RecentQueries(encode, queue, is_there=there.is_set), photo_of(10)
    queries.begin(photo, LITE0, ranking=COSINE)
    with pytest.raises(CancelledError):  # where a script runs, it ends
        queries.query(photo, LITE0, ranking=COSINE)
    assert encode.num_encoded == 0
    there.set()
    queries.query(photo, LITE0, ranking=COSINE)
    assert encode.num_encoded == 1
