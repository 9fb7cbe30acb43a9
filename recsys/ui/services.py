"""What pages share between visitors: the recommender of the data home."""

import streamlit as st

from recsys.recommender import Recommender
from recsys.settings import Settings, load_settings


def recommender() -> Recommender:
    """The recommender that all visitors share. Raises SettingsError."""
    settings = load_settings()
    return _recommender(repr(settings), settings)


@st.cache_resource(show_spinner=False, max_entries=2)
def _recommender(key: str, _settings: Settings) -> Recommender:
    return Recommender(_settings)
