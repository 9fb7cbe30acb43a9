"""A visitor's queries, and encoding the next photo while the page above its matches is still being drawn."""

import streamlit as st

from embeddings.models.backbones import Backbone
from recsys.search.ranking import Ranking
from recsys.search.recommender import Recommender
from recsys.ui.photo.query_photos import QueryPhoto, RecentQueries

_QUERIES, _HOW = "search_queries", "search_how"


def recent_queries(engine: Recommender) -> RecentQueries:
    """The visitor's last queries, which the pages share."""
    queries: RecentQueries = st.session_state.setdefault(_QUERIES, RecentQueries(engine.encode))
    return queries


def remember_how(backbone: Backbone, ranking: Ranking) -> None:
    """Remember what the visitor searches with: a photo that comes next is most likely searched in the same way."""
    st.session_state[_HOW] = (backbone, ranking)


def forget_how() -> None:
    """Begin no search ahead: what is timed must not have begun beside something else."""
    st.session_state.pop(_HOW, None)


def begin_search(photo: QueryPhoto | None) -> None:
    """Begin to encode the photo, as it is most likely asked for, before the page is drawn that asks for it."""
    queries: RecentQueries | None = st.session_state.get(_QUERIES)
    how: tuple[Backbone, Ranking] | None = st.session_state.get(_HOW)
    if photo is not None and queries is not None and how is not None:
        queries.begin(photo, how[0], ranking=how[1])
