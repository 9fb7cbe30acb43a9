"""The poll's results, as everybody sees them."""

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest

from recsys.survey.admission import Respondent
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS
from tests.hostile import HOSTILE
from tests.pages.poll import answer, polled
from tests.recsys.survey.answers import ALL_FOR_IT

MINUS = "\N{MINUS SIGN}"


def test_an_invited_poll_says_how_many_invitations_are_used(survey: Callable, searched, tokens: list[str]) -> None:
    answer(survey(invitation=tokens[0]))
    assert "1 of 2 invitations are used" in survey(tab="results").text


def test_the_results_have_their_own_address_and_name_counts_and_intervals(survey: Callable, database) -> None:
    polled(database, ("text", ""), ("image", ""), ("image", ""), ("image", ""))
    page = survey(tab="results")
    assert "4 people have answered" in page.text
    assert "Fewer than 30 answers, too few" in page.app.info[-1].value
    # scipy's Wilson interval of 1 of 4 and of 27 of 52; statsmodels' Newcombe interval of their difference
    for figure in ("1 (25.0%)", "3 (75.0%)", "4.6% to 69.9%", "27 (51.9%)", "38.7% to 64.9%", f"{MINUS}51.1 to +19.9"):
        assert figure in page.html
    assert f"“Text”: {MINUS}26.9 points compared with the study" in page.text
    assert "This may be chance." in page.text
    assert len(page.app.get("vega_lite_chart") or page.app.get("arrow_vega_lite_chart")) == len(QUESTIONS) + 1


def test_without_answers_the_study_is_shown_alone(survey: Callable) -> None:
    page = survey(tab="results")
    assert "0 people have answered" in page.text
    assert "No answers yet." in page.text
    assert "This poll" not in page.html
    assert "27 (51.9%)" in page.html


def test_if_results_change_in_steps_the_page_says_how_many_are_waiting(
    survey: Callable, database, searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_SURVEY_STEP", "2")
    polled(database, ("text", ""), ("image", ""))
    answer(survey(), remark="The third")
    page = survey(tab="results")
    assert "2 people have answered" in page.text
    assert "1 more answer is waiting: results change only 2 answers at a time." in page.text
    assert "The third" not in page.html


def test_a_period_can_be_chosen(survey: Callable, database) -> None:
    for number, age in enumerate((0, 6, 7, 29, 30, 90)):
        with database.writing() as session:
            note_search(session, str(number))
        poll = Poll(database, "open", today=lambda age=age: date.today() - timedelta(age))
        poll.submit(Respondent(str(number)), {**ALL_FOR_IT})
    page = survey(tab="results")
    assert "6 people have answered" in page.text
    page.app.session_state["survey_period_name"] = "week"  # as on the page Usage, like the month
    page.app.run()
    page.check()
    assert "2 people have answered" in page.text
    page.app.session_state["survey_period_name"] = "own"
    page.app.session_state["survey_days"] = (date.today() - timedelta(89), date.today() - timedelta(7))
    page.app.run()
    assert "3 people have answered" in page.text


def test_remarks_are_shown_as_they_were_written(survey: Callable, database) -> None:
    polled(database, ("text", HOSTILE), ("text", "second\nline"))
    page = survey(tab="results")
    assert HOSTILE in unescape(page.html)
    assert "<script>alert" not in page.html
    assert "**Susu**" not in page.text
    assert "second\nline" in page.html
