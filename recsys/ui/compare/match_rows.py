"""One photo searched with several backbones: one row each, with its matches, its time, and how many it shares."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st

from embeddings.errors import KalcareError
from embeddings.models.backbones import Backbone
from recsys.num_matches import NUM_MATCHES
from recsys.search.ranking import Ranking
from recsys.search.recommender import BackboneStatus, Match, SearchResult
from recsys.settings import Settings
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text, ngettext, number_text
from recsys.ui.photo.query_photos import QueryPhoto
from recsys.ui.products.cards import rendered, without_tags
from recsys.ui.products.image_routes import picture_url
from recsys.ui.results.query_panel import milliseconds_text, photo_title
from recsys.ui.shell.plain_words import plain_words
from recsys.ui.shell.stakeholders import is_administrator

_UNKNOWN = "?"
_log = logging.getLogger(__name__)
Results = tuple[SearchResult, ...]
"""One backbone's matches by each ranking, the study's first."""

_Outcome = Results | KalcareError | None
_Outcomes = Mapping[str, Results | KalcareError]


def find_matches(
    backbones: Iterable[Backbone], find: Callable[[Backbone], Results], is_loaded: Callable[[Backbone], bool]
) -> tuple[dict[str, Results | KalcareError], Backbone | None]:
    """Find the backbones' matches in this order; return by name what each found or why it failed.

    Stops at the first network that is still loading, and returns that one, too: loading the next would only push it out
    of memory.
    """
    outcomes: dict[str, Results | KalcareError] = {}
    for backbone in backbones:
        try:
            if not is_loaded(backbone):
                return outcomes, backbone
            outcomes[backbone.name] = find(backbone)
        except KalcareError as error:
            _log.warning("%s", error)
            outcomes[backbone.name] = error
    return outcomes, None


def match_rows(backbones: Mapping[str, Sequence[Ranking]], outcomes: _Outcomes, loading: Backbone | None) -> None:
    """Draw one row per backbone, by name, with a list for each of its rankings.

    A row that is still waiting for its matches already has its final height.
    """
    for name, rankings in backbones.items():
        outcome = outcomes.get(name)
        with st.container(key=f"compare_row_{name}"):
            others = [
                {"name": other, "count": _shared(outcome, outcomes.get(other))} for other in backbones if other != name
            ]
            is_loading = loading is not None and name == loading.name
            st.html(
                rendered(
                    "compare_head.html",
                    name=name,
                    timing=_timing(outcome, is_loading=is_loading),
                    others=others,
                    shared_label=_("Of these {number}, also found by").format(number=NUM_MATCHES),
                )
            )
            _draw_matches(outcome, rankings)


def _timing(outcome: _Outcome, *, is_loading: bool) -> str:
    if isinstance(outcome, tuple):
        return _encoded_text(outcome[0])
    if outcome is not None:
        return _("Failed")
    return _("Loading the network…") if is_loading else _("Waiting for its turn")


def _encoded_text(result: SearchResult) -> str:
    return _("Encoded in {encode} ms").format(encode=milliseconds_text(result.encode_ms))


def _draw_matches(outcome: _Outcome, rankings: Sequence[Ranking]) -> None:
    if isinstance(outcome, KalcareError):
        st.warning(escape(message_text(plain_words(outcome))), icon=":material/info:")
    elif outcome is not None and not outcome[0].matches:
        st.caption(_("There are no products to compare it with."))
    else:
        results = [None for _ranking in rankings] if outcome is None else outcome
        orders = [_order(*one, is_first=not place) for place, one in enumerate(zip(rankings, results, strict=True))]
        st.html(rendered("compare_matches.html", orders=orders, num_places=NUM_MATCHES))


def _order(ranking: Ranking, result: SearchResult | None, *, is_first: bool) -> dict[str, object]:
    """One list of matches with its name; the row's head has the first list's time."""
    return {
        "label": message_text(ranking.label),
        "detail": "" if result is None or is_first else _encoded_text(result),
        "cards": [_card(match) for match in result.matches] if result else [],
    }


def _shared(one: _Outcome, other: _Outcome) -> str:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return number_text(num_shared(one[0], other[0]))
    return _UNKNOWN


def num_shared(one: SearchResult, other: SearchResult) -> int:
    """How many products two results have in common."""
    ids = [{match.product.product_id for match in result.matches} for result in (one, other)]
    return len(ids[0] & ids[1])


def compared_photo(photo: QueryPhoto, num_backbones: int) -> None:
    """Say which photo is compared, and what the rows below show."""
    with st.container(key="query", gap="xsmall"):
        st.header(photo_title(photo), anchor=False)
        if photo.product_id is not None:
            st.markdown(_("This product is in the catalogue, so it is left out of its own matches."))
        if num_backbones == 1:
            st.caption(_("Only one backbone is ready, so there is nothing to compare its matches with yet."))
        else:
            st.caption(
                _(
                    "Each row shows the {number} closest matches by cosine, as in the study, and how many of them "
                    "other backbones also found. Other rankings follow below."
                ).format(number=NUM_MATCHES)
            )


def loading_note(num_ready: int, max_networks: int) -> None:
    """Say why rows keep waiting if not all compared networks fit in memory."""
    if num_ready > max_networks:
        st.caption(
            ngettext(
                "Only {number} network fits in memory; the rest are reloaded for each photo.",
                "Only {number} networks fit in memory; the rest are reloaded for each photo.",
                max_networks,
            )
        )


def unready_note(settings: Settings, statuses: Iterable[BackboneStatus]) -> None:
    """Name the backbones that are not ready, with what they lack, and tell administrators how to prepare them."""
    unready = [status for status in statuses if not status.is_ready]
    lacking = [status.backbone.name for status in unready if not status.weights.is_here]
    unencoded = [status.backbone.name for status in unready if status.weights.is_here]
    if lacking:
        st.caption(_("Not ready because their weights are missing: {names}.").format(names=", ".join(lacking)))
    if unencoded:
        message = _("Not ready because the catalogue is not encoded with them: {names}.")
        st.caption(message.format(names=", ".join(unencoded)))
    if unready and is_administrator(settings):
        st.caption(_("To prepare a backbone, choose it on the search page."))


def _card(match: Match) -> dict[str, str]:
    name = match.product.name
    return {
        "name": name,
        "title": without_tags(name),
        "alt": _("Picture of {name}").format(name=without_tags(name)),
        "picture": picture_url(match.product.image_key, 240),
        "similarity": number_text(match.similarity, digits=3),
    }
