"""What each backbone finds for one photo: by cosine, as in the study, and after a closer look."""

from collections import OrderedDict
from dataclasses import replace
from weakref import ref

import streamlit as st

from embeddings.models.backbones import Backbone
from recsys.search.engine import SearchEngine
from recsys.search.ranking import NOTHING_ORDERED, Ranking
from recsys.search.rankings import COSINE, REFINED
from recsys.search.recommender import Recommender, SearchResult
from recsys.ui.photo.query_photos import QueryPhoto
from recsys.ui.photo.recent_queries import RecentQueries

_CLOSER = "compare_closer"
_MAX_KEPT = 24  # results of a few kB, while the photo's description takes 0.2 MB


class Comparison:
    """The matches of one photo by any ready backbone, each searched once per visitor."""

    def __init__(self, engine: Recommender, queries: RecentQueries, photo: QueryPhoto) -> None:
        self._engine = engine
        self._queries = queries
        self._photo = photo
        self._closer = _kept_results(engine.engine)

    def rankings(self, backbone: Backbone) -> tuple[Ranking, ...]:
        """The study's, and the refined one if the backbone's descriptions of the catalogue exist."""
        can_look_closer = self._engine.ranking_problem(REFINED, backbone) is None
        return (COSINE, REFINED) if can_look_closer else (COSINE,)

    def knows(self, backbone: Backbone) -> bool:
        """Whether the backbone's matches are known without its network."""
        is_known = self._queries.knows(self._photo, backbone)
        return is_known and (self._key(backbone) in self._closer or REFINED not in self.rankings(backbone))

    def find(self, backbone: Backbone) -> tuple[SearchResult, ...]:
        """Find the backbone's matches by each of its rankings. Raises as `Recommender.encode` and `search` do."""
        if not self._queries.knows(self._photo, backbone):
            # A network's first picture takes longer, which would distort the comparison.
            self._engine.encode(self._photo.encoder_input, backbone)
        find_by = {COSINE: self._search, REFINED: self._look_closer}
        return tuple(find_by[ranking](backbone, ranking) for ranking in self.rankings(backbone))

    def _look_closer(self, backbone: Backbone, ranking: Ranking) -> SearchResult:
        key = self._key(backbone)
        if key not in self._closer:
            self._closer[key] = replace(self._search(backbone, ranking), order=NOTHING_ORDERED)
            while len(self._closer) > _MAX_KEPT:
                self._closer.popitem(last=False)
        return self._closer[key]

    def _search(self, backbone: Backbone, ranking: Ranking) -> SearchResult:
        query = self._queries.query(self._photo, backbone, ranking=ranking)
        return self._engine.search(query, ranking=ranking, excluded_id=self._photo.product_id)

    def _key(self, backbone: Backbone) -> object:
        return self._photo.identity, self._photo.product_id, backbone.name


def _kept_results(catalogue: SearchEngine) -> OrderedDict[object, SearchResult]:
    """The results that the visitor has seen for this version of the catalogue."""
    kept: tuple[ref[SearchEngine], OrderedDict[object, SearchResult]] | None = st.session_state.get(_CLOSER)
    if kept is None or kept[0]() is not catalogue:
        kept = st.session_state[_CLOSER] = (ref(catalogue), OrderedDict())  # does not keep it alive
    return kept[1]
