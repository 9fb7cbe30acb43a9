"""Waiting for a turn in the queue: the visitor sees that the search is queued, and how many are ahead."""

from concurrent.futures import Future, wait
from time import monotonic
from typing import Any

import streamlit as st

from recsys.search.queue import SearchQueue
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext

_QUIET_SECONDS, _LOOK_SECONDS = 0.5, 1.0
_LONG_SECONDS = 2.0


def wait_for_turn(queue: SearchQueue, future: "Future[Any]", arrival: int) -> None:
    """Return once the work is done; if the visitor leaves the page, the work is cancelled."""
    if wait([future], _QUIET_SECONDS).done:
        _stop_if_left(future)
        return
    started, place = monotonic() - _QUIET_SECONDS, st.empty()
    try:
        while not future.done():
            is_long = monotonic() - started >= _LONG_SECONDS
            place.info(waiting_text(queue.num_ahead(arrival) if is_long else 0), icon=":material/hourglass_empty:")
            wait([future], _LOOK_SECONDS)
        place.empty()
        _stop_if_left(future)
    finally:
        future.cancel()  # does nothing if it is done


def _stop_if_left(future: "Future[Any]") -> None:
    """End the script if the queue dropped the work: nobody is looking at the page."""
    if future.cancelled():
        st.stop()


def waiting_text(num_ahead: int) -> str:
    """That the search is in progress, and how many others are ahead of it."""
    if not num_ahead:
        return _("Searching…")
    ahead = ngettext("{number} search is ahead of yours.", "{number} searches are ahead of yours.", num_ahead)
    return f"{_('Searching…')} {ahead}"
