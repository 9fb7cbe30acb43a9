"""What each backbone finds for one photo: by cosine, as in the study, and by every other ranking."""

from collections import OrderedDict
from dataclasses import replace
from weakref import ref

import streamlit as st

from embeddings.models.backbones import Backbone
from recsys.search.engine import SearchEngine
from recsys.search.ranking import NOTHING_ORDERED, Ranking
from recsys.search.rankings import COSINE
from recsys.search.recommender import Recommender, SearchResult
from recsys.ui.photo.query_photos import QueryPhoto
from recsys.ui.photo.recent_queries import RecentQueries

_RESULTS = "compare_results"
_MAX_KEPT = 48  # results of a few kB, while the photo's description takes 0.2 MB


class PhotoComparison:
    """The matches of one photo by any ready backbone, each searched once per visitor."""

    def __init__(self, engine: Recommender, queries: RecentQueries, photo: QueryPhoto) -> None:
        self._engine = engine
        self._queries = queries
        self._photo = photo
        self._kept = _kept_results(engine.engine)

    def rankings(self, backbone: Backbone) -> tuple[Ranking, ...]:
        """The study's, and behind it the others that can be had with the backbone."""
        return COSINE, *(ranking for ranking in self._engine.rankings(backbone) if ranking is not COSINE)

    def knows(self, backbone: Backbone) -> bool:
        """Whether the backbone's matches are known without its network."""
        keys = (self._key(backbone, ranking) for ranking in self.rankings(backbone)[1:])
        return self._queries.knows(self._photo, backbone, ranking=COSINE) and all(key in self._kept for key in keys)

    def find(self, backbone: Backbone) -> tuple[SearchResult, ...]:
        """Find the backbone's matches by each of its rankings. Raises as `Recommender.encode` and `search` do."""
        if not self._queries.knows(self._photo, backbone, ranking=COSINE):
            # A network's first picture takes longer, which would distort the comparison.
            self._engine.encode(self._photo.encoder_input, backbone)
        study, *others = self.rankings(backbone)
        return self._search(backbone, study), *(self._found_once(backbone, ranking) for ranking in others)

    def _found_once(self, backbone: Backbone, ranking: Ranking) -> SearchResult:
        key = self._key(backbone, ranking)
        if key not in self._kept:
            self._kept[key] = replace(self._search(backbone, ranking), order=NOTHING_ORDERED)
            while len(self._kept) > _MAX_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    def _search(self, backbone: Backbone, ranking: Ranking) -> SearchResult:
        query = self._queries.query(self._photo, backbone, ranking=ranking)
        return self._engine.search(query, ranking=ranking, excluded_id=self._photo.product_id)

    def _key(self, backbone: Backbone, ranking: Ranking) -> object:
        return self._photo.identity, self._photo.product_id, backbone.name, ranking.name


def _kept_results(catalogue: SearchEngine) -> OrderedDict[object, SearchResult]:
    """The results that the visitor has seen in this version of the catalogue."""
    kept: tuple[ref[SearchEngine], OrderedDict[object, SearchResult]] | None = st.session_state.get(_RESULTS)
    if kept is None or kept[0]() is not catalogue:
        kept = st.session_state[_RESULTS] = (ref(catalogue), OrderedDict())  # which need not stay in memory for this
    return kept[1]
