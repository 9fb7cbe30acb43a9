"""A visitor's queries, and encoding the next photo while the page above its matches is still being drawn."""

import streamlit as st

from embeddings.backbones import Backbone
from recsys.recommender import Ranking, Recommender
from recsys.ui.query_photos import QueryPhoto, RecentQueries

_QUERIES, _HOW = "search_queries", "search_how"


def recent_queries(engine: Recommender, *, ahead: QueryPhoto | None = None) -> RecentQueries:
    """The visitor's last queries, which the pages share.

    The photo `ahead` begins to be encoded in the way that it is most likely asked for, where nothing has to be
    loaded for that.
    """
    queries: RecentQueries = st.session_state.setdefault(_QUERIES, RecentQueries(engine.encode))
    how: tuple[Backbone, Ranking] | None = st.session_state.get(_HOW)
    if ahead is not None and how is not None and engine.networks.is_loaded(how[0]):
        queries.begin(ahead, how[0], ranking=how[1])
    return queries


def remember_how(backbone: Backbone, ranking: Ranking) -> None:
    """Remember what the visitor searches with: a photo that comes next is most likely searched in the same way."""
    st.session_state[_HOW] = (backbone, ranking)
