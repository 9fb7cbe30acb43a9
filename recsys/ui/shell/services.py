"""Shared by all visitors' pages: the data home's recommender, and the records database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from threading import Thread

import streamlit as st
from sqlalchemy import URL

from embeddings.errors import KalcareError
from embeddings.models.runtime import Networks
from embeddings.parallel import CORES
from recsys.database.database import Database, open_database
from recsys.database.engines import records_address
from recsys.demo.growth import is_unfinished, start_growing
from recsys.operations.privacy import close_home
from recsys.rate_limit import RateLimit
from recsys.search.queue import SearchQueue
from recsys.search.recommender import Recommender
from recsys.settings import Settings, load_settings
from recsys.ui.shell.left_sessions import drop_left_sessions
from recsys.ui.shell.loading import Loading
from recsys.ui.shell.memory import limit_arenas, tidy_when_idle
from recsys.ui.shell.stakeholders import warn_if_open


def recommender() -> Recommender:
    """The recommender shared by all visitors. Raises SettingsError."""
    settings = load_settings()
    return _recommender(settings.identity, settings)


def loading() -> Loading:
    """The networks being loaded, for all visitors. Raises SettingsError."""
    settings = load_settings()
    return _loading(settings.identity, recommender().networks)


def database() -> Database:
    """The up-to-date records database, shared by all visitors. Raises SettingsError and RecordsError."""
    url = records_address(load_settings())
    return _database(url.render_as_string(hide_password=False), url)


def ballot_limit() -> RateLimit:
    """How many poll answers came from each address within the hour. Raises SettingsError."""
    return _ballot_limit(load_settings().survey_hourly)


@st.cache_resource(show_spinner=False)
def recording_limit() -> RateLimit:
    """How many searches from each address were recorded within the hour: a script must not fill the disk."""
    return RateLimit(6_000, 3600)


@st.cache_resource(show_spinner=False)
def search_queue() -> SearchQueue:
    """The queue of everybody's searches: running more at once than there are cores would only slow each down."""
    return SearchQueue(CORES)


@asynccontextmanager
async def warmed_up(app: st.App) -> AsyncIterator[None]:
    """Prepare what pages share while the first visitor's browser loads the page."""
    limit_arenas()
    Thread(target=_warm_up, args=(asyncio.get_running_loop(),), daemon=True).start()
    yield


def _warm_up(loop: asyncio.AbstractEventLoop) -> None:
    with suppress(KalcareError):
        close_home(load_settings())
        warn_if_open(load_settings())
    with suppress(KalcareError):
        if is_unfinished((settings := load_settings()).cache):
            start_growing(settings)
    with suppress(KalcareError):  # the page that needs it will report the error
        database()
    with suppress(KalcareError):
        engine = recommender()
        default = engine.default_backbone()
        if any(status.is_ready and status.backbone == default for status in engine.statuses()):
            engine.load(default)
    tidy_when_idle(partial(drop_left_sessions, loop))


@st.cache_resource(show_spinner=False, max_entries=2)
def _recommender(key: str, _settings: Settings) -> Recommender:
    return Recommender(_settings)


@st.cache_resource(show_spinner=False, max_entries=2)
def _loading(key: str, _networks: Networks) -> Loading:
    return Loading(_networks)


@st.cache_resource(show_spinner=False, max_entries=2)
def _ballot_limit(hourly: int) -> RateLimit:
    return RateLimit(hourly, 3600)


@st.cache_resource(show_spinner=False, max_entries=2)
def _database(key: str, _url: URL) -> Database:
    return open_database(_url)
