"""The order of matches: by a closer look if possible, or as in the study, one click away."""

from dataclasses import dataclass

import streamlit as st

from embeddings.errors import KalcareError
from recsys.indexing.progress import JobState
from recsys.search.ranking import Ranking
from recsys.search.rankings import COSINE, RANKINGS
from recsys.search.recommender import BackboneStatus, Recommender
from recsys.settings import Settings
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text, ngettext
from recsys.ui.results.jobs_panel import prepare_if_allowed
from recsys.ui.shell.stakeholders import is_administrator

_CHOICE = "search_ranking"


@dataclass(frozen=True)
class RankingChoice:
    """The ranking to search with, of those that can be used, and the one that can explain a match, if any.

    `problem` is why another ranking cannot be used, `shortfall` what a usable one lacks for its best results.
    """

    ranking: Ranking = COSINE
    able: tuple[Ranking, ...] = (COSINE,)
    explaining: Ranking | None = None
    problem: KalcareError | None = None
    shortfall: KalcareError | None = None


def chosen_ranking(engine: Recommender, chosen: BackboneStatus) -> RankingChoice:
    """The ranking that the visitor chose, if the chosen backbone supports it, otherwise the first that it supports."""
    if not chosen.is_ready:
        return RankingChoice()
    problems = {ranking: engine.ranking_problem(ranking, chosen.backbone) for ranking in RANKINGS.values()}
    able = tuple(ranking for ranking, problem in problems.items() if problem is None)
    return RankingChoice(
        next((ranking for ranking in able if ranking.name == st.session_state.get(_CHOICE)), able[0]),
        able,
        explaining=next((ranking for ranking in able if ranking.can_explain), None),
        problem=next(filter(None, problems.values()), None),
        shortfall=next(filter(None, (engine.shortfall(ranking, chosen.backbone) for ranking in able)), None),
    )


def ranking_picker(
    choice: RankingChoice, settings: Settings, chosen: BackboneStatus, job: JobState | None, num_products: int
) -> None:
    """Draw the choice of a ranking, or say why the chosen backbone has none and how to get one."""
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
    if choice.problem or choice.shortfall:
        with st.container(key="ranking_note", gap="xsmall"):
            st.caption(_unanalysed_text(job) if choice.problem else _unindexed_text(job))
            if job is not JobState.RUNNING and is_administrator(settings):
                st.button(
                    ngettext("Analyse {number} picture in detail", "Analyse {number} pictures in detail", num_products)
                    if choice.problem
                    else _("Index packaging print"),
                    icon=":material/play_arrow:",
                    key="ranking_start",
                    on_click=prepare_if_allowed,
                    args=(settings, chosen.backbone),
                    help=_("Runs in the background. You can go on searching."),
                )


def _unanalysed_text(job: JobState | None) -> str:
    """What replaces a closer look; people who see the job running wait for it."""
    if job is JobState.RUNNING:
        return _("Ordered as in the study until the catalogue has been analysed in detail.")
    if job in (JobState.FAILED, JobState.INTERRUPTED):
        return _("Ordered as in the study: the detailed analysis of the catalogue didn't finish.")
    return _("Ordered as in the study: the catalogue hasn't been analysed in detail yet.")


def _unindexed_text(job: JobState | None) -> str:
    """What a closer look can do without the print index."""
    if job is JobState.RUNNING:
        return _("The closer look misses some products until the print on all pictures is indexed.")
    return _("The closer look misses some products: the print on all pictures isn't indexed yet.")
