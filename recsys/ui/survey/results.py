"""The poll's results: each question next to the study's result, and answers over time; updated as they come."""

from contextlib import suppress

import streamlit as st

from recsys.database.database import Database
from recsys.errors import RecordsError
from recsys.settings import Settings
from recsys.survey.responses import count_responses, count_waiting, read_responses
from recsys.survey.summary import (
    MIN_RELIABLE_COUNT,
    Invitations,
    QuestionSummary,
    Share,
    Summary,
    count_invitations,
    summarise,
)
from recsys.survey.turned_away import num_turned_away
from recsys.ui.charts.days import days_chart, days_description, days_table, period_text
from recsys.ui.charts.figures_table import figures_table
from recsys.ui.charts.period import choose_period
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext, number_text
from recsys.ui.shell.stakeholders import is_stakeholder
from recsys.ui.survey.answer_files import chart_downloads, remarks_and_downloads
from recsys.ui.survey.charts import question_chart
from recsys.ui.survey.texts import (
    count_text,
    description,
    interval_text,
    named_shares,
    people_and_days_text,
    points_text,
    verdict_text,
)

_REFRESH_SECONDS = 5


def survey_results(settings: Settings, database: Database) -> None:
    """Draw the results. Raises RecordsError."""
    since, until = choose_period("survey")
    with database.reading() as session:
        responses = read_responses(session, since, until, step=settings.survey_step)
        total, invitations = count_responses(session), count_invitations(session)
        waiting = count_waiting(session, settings.survey_step)
        turned_away = num_turned_away(session, since, until)
    summary = summarise(responses)
    _redraw_when_more_than(total, database)
    _draw_turnout(summary, invitations if settings.survey_mode == "invited" else None)
    if waiting:
        text = ngettext(
            "{number} more answer is waiting: results change only {step} answers at a time.",
            "{number} more answers are waiting: results change only {step} answers at a time.",
            waiting,
            step=number_text(settings.survey_step),
        )
        st.caption(text)
    may_download = is_stakeholder(settings)
    if turned_away and may_download:
        text = ngettext(
            "{number} answer was turned away: more than {limit} came from one address within an hour.",
            "{number} answers were turned away: more than {limit} came from one address within an hour.",
            turned_away,
            limit=number_text(settings.survey_hourly),
        )
        st.warning(text, icon=":material/block:")
    with st.container(key="survey_charts"):
        for number, result in enumerate(summary.questions, 1):
            _draw_question(number, result, summary, may_download=may_download)
        if summary.days:
            _draw_days(summary, may_download=may_download)
    remarks_and_downloads(settings, responses)


def _redraw_when_more_than(total: int, database: Database) -> None:
    @st.fragment(run_every=_REFRESH_SECONDS)
    def look() -> None:
        now = total
        with suppress(RecordsError), database.reading() as session:  # the next check, or the next visit, will show it
            now = count_responses(session)
        if now != total:
            st.rerun()

    look()


def _draw_turnout(summary: Summary, invitations: Invitations | None) -> None:
    """Say how many answered and when, and whether that is too few."""
    answered = ngettext("{number} person has answered", "{number} people have answered", summary.total)
    words = [f"**{answered}**"]
    if invitations is not None:
        words.append(
            _("{used} of {total} invitations are used").format(
                used=number_text(invitations.used), total=number_text(invitations.total)
            )
        )
    words += [period_text(summary.days)] if summary.days else []
    st.markdown(", ".join(words) + ". " + _("New answers appear automatically."))
    if summary.is_small:
        text = _("Fewer than {number} answers, too few to be reliable: note how wide the intervals are.")
        st.info(text.format(number=number_text(MIN_RELIABLE_COUNT)), icon=":material/info:")


def _draw_question(number: int, result: QuestionSummary, summary: Summary, *, may_download: bool) -> None:
    question = result.question
    wording, verdict = _(question.wording), verdict_text(result)
    with st.container(border=True, key=f"survey_result_{question.key}"):
        st.header(f"{number}. {wording}", anchor=False)
        chart = question_chart(result)
        st.altair_chart(chart, alt=description(result), key=f"survey_chart_{question.key}")
        st.write(verdict)
        st.html(_table(result))
        if may_download:
            chart_downloads(question.key, chart, wording, [people_and_days_text(summary), verdict])


def _table(result: QuestionSummary) -> str:
    first, second = map(_, result.question.labels.values())
    rows = [_share_row(name, share) for name, share in named_shares(result)]
    if result.difference is not None:
        value, (low, high) = result.difference
        interval = _("{low} to {high}").format(low=points_text(low), high=points_text(high))
        rows.append((_("Difference in points"), [points_text(value), points_text(-value), interval]))
    return figures_table(
        _("{topic}: the figures of the chart, with the 95% interval of “{choice}”").format(
            topic=_(result.question.topic), choice=first
        ),
        [_("Respondents"), first, second, _("95% interval")],
        rows,
    )


def _share_row(name: str, share: Share) -> tuple[str, list[str]]:
    counts = [count_text(count, share.total) for count in (share.count, share.total - share.count)]
    return name, [*counts, interval_text(share)]


def _draw_days(summary: Summary, *, may_download: bool) -> None:
    title = _("Answers over time")
    with st.container(border=True, key="survey_result_days"):
        st.header(title, anchor=False)
        chart = days_chart(summary.days, _("Answers per day"), _("Answers"))
        alt = days_description(summary.days, _("Answers per day"))
        st.altair_chart(chart, alt=alt, key="survey_chart_days")
        st.html(days_table(summary.days, _("Days with answers"), _("Answers")))
        if may_download:
            chart_downloads("days", chart, title, [people_and_days_text(summary)])
