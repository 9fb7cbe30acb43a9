"""A visitor's queries: the last photos with the vectors that they were encoded into."""

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from typing import Protocol

import streamlit as st

from embeddings.imaging.box import Box
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import Backbone
from recsys.search.ranking import Query, Ranking
from recsys.search.rankings import COSINE
from recsys.search.recommender import Recommender
from recsys.ui.photo.query_photos import QueryPhoto
from recsys.ui.shell.services import encoding_threads

_QUERIES = "search_queries"
_Key = tuple[str, Box, str, str]


class Encode(Protocol):
    """Encodes a photo, as `Recommender.encode` does."""

    def __call__(self, photo: RGB, backbone: Backbone, *, rankings: Sequence[Ranking], framed: RGB | None) -> Query:
        """Encode the photo, and take what the rankings need of what is framed of it."""
        ...


class RecentQueries:
    """The last queries of one visitor, so that a rerun of the page does not encode the same photo again.

    A photo is encoded for each ranking by itself, so that its time is what that ranking takes.
    """

    def __init__(self, encode: Encode, threads: Executor, *, max_queries: int = 16) -> None:
        self._encode = encode
        self._threads = threads
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
            self._begun = {key: self._threads.submit(self._encoded, photo, backbone, ranking)}

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


def recent_queries(engine: Recommender) -> RecentQueries:
    """The visitor's last queries, which the pages share."""
    if _QUERIES not in st.session_state:
        st.session_state[_QUERIES] = RecentQueries(engine.encode, encoding_threads())
    queries: RecentQueries = st.session_state[_QUERIES]
    return queries
