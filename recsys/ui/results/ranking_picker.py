"""How matches are put in order: by a closer look where that can be had, or as in the study, one click away."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from embeddings.errors import VectorsError
from embeddings.models.backbones import BUNDLED_CHOICE
from recsys.indexing.jobs import JobState
from recsys.indexing.preparation import start_preparation
from recsys.search.recommender import BackboneStatus, Ranking, Recommender
from recsys.settings import Settings
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext

_CHOICE = "search_ranking"
_RANKINGS: tuple[Ranking, ...] = ("refined", "cosine")


@dataclass(frozen=True)
class RankingChoice:
    """The ranking to search with, and whether it can be shown why a match is alike."""

    ranking: Ranking = "cosine"
    can_explain: bool = False


def pick_ranking(
    engine: Recommender, settings: Settings, chosen: BackboneStatus, jobs: Mapping[str, JobState]
) -> RankingChoice:
    """Draw the choice of a ranking, or say why there is none with the chosen backbone and how to get it."""
    if not chosen.is_ready:
        return RankingChoice()
    problem = engine.refined_unavailable_reason(chosen.backbone)
    if problem is None:
        return RankingChoice(_picked(), can_explain=True)
    with st.container(key="ranking_note", gap="xsmall"):
        if isinstance(problem, VectorsError):
            _offer(settings, chosen, jobs.get(chosen.backbone.name), len(engine.catalogue.products))
        else:
            text = _("Ordered as in the study. For a closer look, choose {backbone}.")
            st.caption(text.format(backbone=BUNDLED_CHOICE.name))
    return RankingChoice()


def _picked() -> Ranking:
    texts = {"refined": _("Closer look"), "cosine": _("As in the study")}
    picked: Ranking = st.segmented_control(  # type: ignore[assignment]  # it is single and required
        _("Order of the matches"),
        _RANKINGS,
        default=None if _CHOICE in st.session_state else _RANKINGS[0],
        required=True,
        format_func=lambda ranking: texts[ranking],
        key=_CHOICE,
        persist_state="session",
        help=_(
            "The closer look compares pictures part by part and finds the same print again. "
            "The study compared each picture as a whole, by cosine similarity."
        ),
    )
    return picked


def _offer(settings: Settings, chosen: BackboneStatus, job: JobState | None, num_products: int) -> None:
    """Say that the catalogue has to be looked at first, and offer to do so; who sees the job run waits for it."""
    if job is JobState.RUNNING:
        st.caption(_("Ordered as in the study, until the catalogue has been looked at closely."))
        return
    if job in (JobState.FAILED, JobState.INTERRUPTED):
        st.caption(_("Ordered as in the study: the closer look at the catalogue did not come to its end."))
    else:
        st.caption(_("Ordered as in the study: the catalogue has not been looked at closely yet."))
    st.button(
        ngettext("Look closely at {number} picture", "Look closely at {number} pictures", num_products),
        icon=":material/play_arrow:",
        key="ranking_start",
        on_click=_start,
        args=(settings, chosen),
        help=_("Runs in the background; searching goes on meanwhile."),
    )


def _start(settings: Settings, chosen: BackboneStatus) -> None:
    start_preparation(settings, chosen.backbone)
