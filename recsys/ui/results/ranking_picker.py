"""How matches are put in order: by a closer look where that can be had, or as in the study, one click away."""

from dataclasses import dataclass

import streamlit as st

from embeddings.errors import KalcareError
from embeddings.models.backbones import BUNDLED_CHOICE
from recsys.errors import EncodeCatalogue
from recsys.indexing.jobs import JobState
from recsys.indexing.preparation import start_preparation
from recsys.search.ranking import Ranking
from recsys.search.rankings import COSINE, RANKINGS
from recsys.search.recommender import BackboneStatus, Recommender
from recsys.settings import Settings
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text, ngettext
from recsys.ui.shell.stakeholders import is_administrator

_CHOICE = "search_ranking"


@dataclass(frozen=True)
class RankingChoice:
    """The ranking to search with, out of those that can be had, and the one that can explain a match, if any can.

    `problem` is what keeps another one from being had.
    """

    ranking: Ranking = COSINE
    able: tuple[Ranking, ...] = (COSINE,)
    explaining: Ranking | None = None
    problem: KalcareError | None = None


def chosen_ranking(engine: Recommender, chosen: BackboneStatus) -> RankingChoice:
    """The ranking that the visitor chose, where the chosen backbone has it, else the first that it has."""
    if not chosen.is_ready:
        return RankingChoice()
    problems = {ranking: engine.ranking_problem(ranking, chosen.backbone) for ranking in RANKINGS.values()}
    able = tuple(ranking for ranking, problem in problems.items() if problem is None)
    return RankingChoice(
        next((ranking for ranking in able if ranking.name == st.session_state.get(_CHOICE)), able[0]),
        able,
        explaining=next((ranking for ranking in able if ranking.can_explain), None),
        problem=next(filter(None, problems.values()), None),
    )


def ranking_picker(
    choice: RankingChoice, settings: Settings, chosen: BackboneStatus, job: JobState | None, num_products: int
) -> None:
    """Draw the choice of a ranking, or say why there is none with the chosen backbone and how to get it."""
    if len(choice.able) > 1:
        st.segmented_control(
            _("Order of the matches"),
            [ranking.name for ranking in choice.able],
            default=None if _CHOICE in st.session_state else choice.ranking.name,
            required=True,
            format_func=lambda name: message_text(RANKINGS[name].label),
            key=_CHOICE,
            persist_state="session",
            help=" ".join(message_text(ranking.summary) for ranking in choice.able),
        )
    if choice.problem is None:
        return
    with st.container(key="ranking_note", gap="xsmall"):
        if any(isinstance(remedy, EncodeCatalogue) for remedy in choice.problem.remedies):
            _offer(settings, chosen, job, num_products)
        else:
            text = _("Ordered as in the study. For a closer look, choose {backbone}.")
            st.caption(text.format(backbone=BUNDLED_CHOICE.name))


def _offer(settings: Settings, chosen: BackboneStatus, job: JobState | None, num_products: int) -> None:
    """Say that the catalogue has to be looked at first, and offer to do so; who sees the job run waits for it."""
    if job is JobState.RUNNING:
        st.caption(_("Ordered as in the study until the catalogue has been analysed in detail."))
        return
    if job in (JobState.FAILED, JobState.INTERRUPTED):
        st.caption(_("Ordered as in the study: the detailed analysis of the catalogue didn't finish."))
    else:
        st.caption(_("Ordered as in the study: the catalogue hasn't been analysed in detail yet."))
    if not is_administrator(settings):
        return
    st.button(
        ngettext("Analyse {number} picture in detail", "Analyse {number} pictures in detail", num_products),
        icon=":material/play_arrow:",
        key="ranking_start",
        on_click=_start,
        args=(settings, chosen),
        help=_("Runs in the background. You can go on searching."),
    )


def _start(settings: Settings, chosen: BackboneStatus) -> None:
    if is_administrator(settings):
        start_preparation(settings, chosen.backbone)
