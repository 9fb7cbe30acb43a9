"""A visitor's queries: the last photos with their vectors."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Protocol

import streamlit as st

from embeddings.imaging.box import Box
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import Backbone
from recsys.search.queue import SearchQueue
from recsys.search.ranking import Query, Ranking
from recsys.search.recommender import Recommender, SearchResult
from recsys.ui.photo.query_photos import QueryPhoto
from recsys.ui.shell.left_sessions import is_there
from recsys.ui.shell.services import search_queue
from recsys.ui.shell.waiting import wait_for_turn

_QUERIES = "search_queries"
_MAX_QUERIES, _MAX_DESCRIBED = 16, 2  # one with a description takes 0.5 MB, one without 5 kB
_Key = tuple[str, Box, str, str]


class Encode(Protocol):
    """Encodes a photo, as `Recommender.encode` does."""

    def __call__(
        self,
        photo: RGB,
        backbone: Backbone,
        *,
        rankings: Sequence[Ranking],
        framed: RGB | None,
        kept_id: str | None,
    ) -> Query:
        """Encode the photo, and compute from its framed part what the rankings need."""
        ...


class RecentQueries:
    """The last queries of one visitor, so that a rerun of the page does not encode the same photo again.

    A photo is encoded separately for each ranking, so that the time shown is that ranking's. All work waits in `queue`,
    and is dropped if the visitor has left by its turn.
    """

    def __init__(self, encode: Encode, queue: SearchQueue, *, is_there: Callable[[], bool] = lambda: True) -> None:
        self._encode = encode
        self._queue = queue
        self._is_there = is_there
        self._queries: OrderedDict[_Key, Query] = OrderedDict()
        self._begun: dict[_Key, Future[Query]] = {}  # the last one only: earlier ones are no longer needed
        self._arrival: int | None = None  # of the search that is still running
        self._found: tuple[Query, object, SearchResult] | None = None

    def knows(self, photo: QueryPhoto, backbone: Backbone, *, ranking: Ranking) -> bool:
        """Whether the photo within its box has been encoded with `backbone` for the ranking."""
        return (*photo.identity, backbone.name, ranking.name) in self._queries

    def begin(self, photo: QueryPhoto, backbone: Backbone, *, ranking: Ranking) -> None:
        """Queue the photo for encoding while the page that needs the query is being drawn."""
        key = (*photo.identity, backbone.name, ranking.name)
        begun = self._begun.get(key)
        if key not in self._queries and (begun is None or begun.cancelled()):
            for other in self._begun.values():
                other.cancel()
            self._arrival = arrival = self._queue.arrive()
            work = partial(self._encoded, photo, backbone, ranking)
            self._begun = {key: self._queue.submit(work, arrival=arrival, is_wanted=self._is_there)}

    def query(self, photo: QueryPhoto, backbone: Backbone, *, ranking: Ranking) -> Query:
        """The photo encoded with `backbone` for the ranking, now or before. Raises the errors of encoding."""
        key = (*photo.identity, backbone.name, ranking.name)
        if key not in self._queries:
            self.begin(photo, backbone, ranking=ranking)
            wait_for_turn(self._queue, self._begun[key], self._arrival or 0)
            self._queries[key] = self._begun.pop(key).result()
        self._queries.move_to_end(key)
        self._forget_oldest()
        return self._queries[key]

    def result(self, query: Query, conditions: object, search: Callable[[], SearchResult]) -> SearchResult:
        """What `search` finds for the query under these `conditions`; not searched again if nothing changed."""
        if self._found is None or self._found[0] is not query or self._found[1] != conditions:
            arrival = self._arrival = self._queue.arrive() if self._arrival is None else self._arrival
            future = self._queue.submit(search, arrival=arrival, is_wanted=self._is_there)
            wait_for_turn(self._queue, future, arrival)
            self._found, self._arrival = (query, conditions, future.result()), None
        return self._found[2]

    def _forget_oldest(self) -> None:
        described = [key for key, query in self._queries.items() if query.described]
        for key in described[:-_MAX_DESCRIBED] or [*self._queries][:-_MAX_QUERIES]:
            del self._queries[key]

    def _encoded(self, photo: QueryPhoto, backbone: Backbone, ranking: Ranking) -> Query:
        if ranking.describe is None:  # the study compares the time that encoding takes, so nothing is reused
            return self._encode(photo.encoder_input, backbone, rankings=[ranking], framed=None, kept_id=None)
        framed = photo.refined_input
        return self._encode(photo.encoder_input, backbone, rankings=[ranking], framed=framed, kept_id=photo.kept_id)


def recent_queries(engine: Recommender) -> RecentQueries:
    """The visitor's last queries, shared by the pages."""
    if _QUERIES not in st.session_state:
        st.session_state[_QUERIES] = RecentQueries(engine.encode, search_queue(), is_there=is_there())
    queries: RecentQueries = st.session_state[_QUERIES]
    return queries
