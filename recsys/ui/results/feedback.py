"""Feedback on the search that is shown: that it was made, and whether its matches are right."""

import logging
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import streamlit as st

from recsys.errors import RecordsError, SettingsError
from recsys.feedback.recording import (
    RECORD_WAIT_SECONDS,
    Mark,
    Marks,
    Search,
    mark_match,
    read_marks,
    record_search,
    repeatable_key,
)
from recsys.feedback.sources import Source
from recsys.search.recommender import SearchResult
from recsys.settings import load_settings
from recsys.ui.components import component
from recsys.ui.door.visitors import visitor_address
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.photo.query_photos import QueryPhoto
from recsys.ui.products.cards import Card
from recsys.ui.shell.respondent import browser, respondent
from recsys.ui.shell.services import database, recording_limit

_SHOWN, _WORKS = "feedback_shown", "feedback_works"
_MAX_SHOWN = 32  # searches remembered per visitor, a few kB each
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RatingOutcome:
    """The result of the last rating of a match: its number, by which the browser recognises it, and its success."""

    number: int = 0
    is_kept: bool = True


@dataclass
class ShownSearch:
    """A search on a visitor's page, the same one however often the page is drawn, with their ratings of its matches."""

    search: Search
    marks: Marks
    is_kept: bool = False
    answers: dict[int, RatingOutcome] = field(default_factory=dict)

    def marks_buttons(self, card: Card, key: str) -> None:
        """Draw the buttons that rate a match."""
        _draw_marks(self, card, key)

    def record(self, *, says_so: bool = True) -> None:
        """Record the search, once; if the page `says_so` nowhere else, say what is recorded, or that nothing can be."""
        is_kept = self.is_kept or self._is_recorded()
        if not says_so:
            return
        if is_kept:
            st.caption(_("Your ratings show us how well the search works. We never store your photo or who you are."))
        else:
            st.caption(_("Your ratings can't be saved right now. You can still search."))

    def change(self, rank: int, message: Any) -> None:
        """Save a rating of a match from a browser's message."""
        after = parse_mark(message)
        if after is None:
            return
        is_kept = self.is_kept or _has_room()
        try:
            if is_kept:
                self.marks = mark_match(database(), self.search, rank, self.marks.get(rank, Mark()), after)
        except (RecordsError, SettingsError) as error:
            _log.warning("A mark was not kept. %s", error)
            is_kept = False
        self.answers[rank] = RatingOutcome(message["number"], is_kept)

    def _is_recorded(self) -> bool:
        if not _has_room():
            return False
        # If the records were locked a moment ago, do not wait for them again.
        wait_seconds = RECORD_WAIT_SECONDS if st.session_state.get(_WORKS, True) else 0.1
        try:
            # The poll is about photos: people who searched by words only have not tried that.
            visitor = None if self.search.source == Source.TEXT else respondent(load_settings()).visitor
            record_search(database(), self.search, visitor, wait_seconds=wait_seconds)
            self.is_kept = True
        except (RecordsError, SettingsError) as error:
            _log.warning("A search was not recorded. %s", error)
        st.session_state[_WORKS] = self.is_kept
        return self.is_kept


def _has_room() -> bool:
    """Whether one more search from the visitor's address may be recorded."""
    if not (has_room := recording_limit().take(visitor_address())):
        _log.warning("A search was not recorded: too many came from its address within the hour.")
    return has_room


def shown_photo_search(photo: QueryPhoto, result: SearchResult) -> ShownSearch:
    """The search with this photo that has these matches."""
    search = Search(
        day=date.today(),
        source=photo.origin,
        product_ids=tuple(match.product.product_id for match in result.matches),
        search_ms=result.search_ms,
        encode_ms=result.encode_ms,
        backbone=result.backbone.name,
        ranking=result.ranking.name,
    )
    if photo.product_id is not None:
        what: Hashable = (photo.product_id, photo.box)
        return shown_search(search, what, num_products=result.num_products, comes_back=True)
    return shown_search(search, photo.identity, num_products=result.num_products, comes_back=False)


def shown_search(search: Search, what: Hashable, *, num_products: int, comes_back: bool) -> ShownSearch:
    """The search for `what` (a picture, words) with these matches out of `num_products`; a new one is logged.

    `comes_back` means that the page's address contains the search, so reloading the page repeats it: it still counts as
    the same search.
    """
    shown: dict[Hashable, ShownSearch] = st.session_state.setdefault(_SHOWN, {})
    identity = (search.source.value, what, search.backbone, search.ranking, search.product_ids)
    if identity not in shown:
        _log.info("%s", timing_line(search, num_products))
        name = browser() if comes_back else None  # never the person: a search's key would reveal whose it is
        if name is not None:
            search = replace(search, key=repeatable_key(name, repr((search.day, identity))))
        shown[identity] = ShownSearch(search, _marks_before(search) if name else {})
        for oldest in [*shown][:-_MAX_SHOWN]:
            del shown[oldest]
    return shown[identity]


def timing_line(search: Search, num_products: int) -> str:
    """The log's line about a search: how long it took, and with what, but not who searched, for what, or when."""
    taken = [f"encode_ms={search.encode_ms:.1f}"] if search.encode_ms is not None else []
    names = {"source": search.source.value, "backbone": search.backbone, "ranking": search.ranking}
    named = [f"{name}={value}" for name, value in names.items() if value is not None]
    return " ".join(["search", *named, *taken, f"search_ms={search.search_ms:.1f}", f"products={num_products}"])


def parse_mark(message: Any) -> Mark | None:
    """A rating sent by a browser; None for anything that our pages do not send."""
    if not isinstance(message, dict) or not {"isIt", "isSimilar", "number"} <= message.keys():
        return None
    is_it, is_similar = message["isIt"], message["isSimilar"]
    if not isinstance(is_it, bool) or not isinstance(is_similar, bool | None) or not isinstance(message["number"], int):
        return None
    return Mark(is_it, is_similar)


def _draw_marks(shown: ShownSearch, card: Card, key: str) -> None:
    rank, widget = card.rank or 0, f"marks_{key}"
    mark, answer = shown.marks.get(rank, Mark()), shown.answers.get(rank, RatingOutcome())
    component("match_marks")(
        key=widget,
        data={
            "match": f"{shown.search.key} {rank}",
            "answered": answer.number,
            "canBeIt": shown.search.source != Source.PRODUCT,  # a product is left out of its own matches
            "isIt": mark.is_it,
            "isSimilar": mark.is_similar,
            "problem": "" if answer.is_kept else _("Not saved. Try again later."),
            **_texts(card.product.name),  # Streamlit looks for data frames in nested values
        },
        on_mark_change=lambda: shown.change(rank, st.session_state[widget].get("mark")),
    )


def _marks_before(search: Search) -> Marks:
    try:
        return read_marks(database(), search.key)
    except (RecordsError, SettingsError):
        return {}  # recording the search will report it


def _texts(name: str) -> dict[str, str]:
    return {
        "it": _("This is it"),
        "itLong": _("This is it: {name}").format(name=name),
        "question": _("Similar?"),
        "yes": _("Similar"),
        "no": _("Not similar"),
        "group": _("Is {name} similar?").format(name=name),
    }
