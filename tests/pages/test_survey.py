import csv
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest

from recsys.database.database import open_database
from recsys.database.engines import records_address
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.invitations import invite
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response, read_responses
from recsys.ui.door.visitors import COOKIE
from recsys.ui.shell.services import _ballot_limit
from recsys.ui.shell.stakeholders import _wrong_tries
from tests.hostile import HOSTILE
from tests.pages.conftest import VISITOR
from tests.pages.crowd import cookie_of
from tests.recsys.survey.answers import ALL_FOR_IT

ROOT = Path(__file__).parents[2]
SURVEY = "../../../pages/survey.py"
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def database(settings: Settings):
    return open_database(records_address(settings))


@pytest.fixture
def searched(database) -> None:
    """The visitor has made a search."""
    with database.writing() as session:
        note_search(session, VISITOR)


@pytest.fixture
def survey(visit: Callable) -> Callable:
    """Open the poll."""

    def open_survey(**query: str):
        page = visit(**query)
        page.app.switch_page(SURVEY)
        for name, value in query.items():  # switching the page forgets them, a link to it does not
            page.app.query_params[name] = value
        page.app.run()
        page.check()
        return page

    return open_survey


def answer(page, *, but: str = "", choice: int = 0, remark: str = "") -> None:
    for question in QUESTIONS:
        if question.key != but:
            page.app.radio(key=f"survey_{question.key}").set_value(question.choices[choice])
    if remark:
        page.app.text_area(key="survey_remark").set_value(remark)
    page.click("survey_submit")


def responses(database) -> list[Response]:
    with database.reading() as session:
        return read_responses(session)


def polled(database, *people: tuple[str, str]) -> None:
    """Let others have answered: what they prefer, and their remarks."""
    for number, (preference, remark) in enumerate(people):
        with database.writing() as session:
            note_search(session, str(number))
        answers = {"preference": preference, "easier": "yes", "intuitive": "yes", "faster": "no", "coming_back": "yes"}
        Poll(database, "open").submit(Respondent(str(number)), answers, remark)


def test_whoever_has_not_searched_is_sent_to_search_and_comes_back(survey: Callable, shop_csv: Path, database) -> None:
    page = survey()
    assert "please try it first" in page.text
    assert not page.app.radio
    page.click("survey_try")
    assert page.app.title[0].value == "Which products look like this?"
    assert not [button for button in page.app.button if button.key == "survey_back"]
    page.app.switch_page("../../../pages/search.py").run()  # AppTest itself goes on asking for the page it was on
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    page.click("survey_back")
    page.app.switch_page(SURVEY).run()
    assert page.app.title[0].value == "How do you like searching by photo?"
    assert len(page.app.radio) == 5
    answer(page)
    assert "Thank you!" in page.app.success[0].value


def test_the_questions_are_asked_word_for_word(survey: Callable, searched) -> None:
    page = survey()
    assert [radio.label for radio in page.app.radio] == [
        "1. Prefer to search for products by typing text or image-based?",
        "2. Is it easier to search for image-based products?",
        "3. Is image-based product search more intuitive?",
        "4. Is the image-based product search stage faster?",
        "5. Does the existence of image-based product search make you come back to shop again?",
    ]
    assert [radio.options for radio in page.app.radio] == [["Text", "Image"]] + [["Yes", "No"]] * 4
    assert [radio.value for radio in page.app.radio] == [None] * 5


def test_what_is_missing_is_said_at_its_question_and_the_answers_stay(survey: Callable, searched, database) -> None:
    page = survey()
    answer(page, but="faster", choice=1, remark="Hello")
    assert [error.value for error in page.app.error] == ["Please choose one of the two."]
    assert "1 question is not answered yet." in page.text
    assert [radio.value for radio in page.app.radio] == ["image", "no", "no", None, "no"]
    assert responses(database) == []
    page.app.radio(key="survey_faster").set_value("yes")
    page.click("survey_submit")
    assert "Thank you!" in page.app.success[0].value
    (response,) = responses(database)
    assert [response.answers[question.key] for question in QUESTIONS] == ["image", "no", "no", "yes", "no"]
    assert response.remark == "Hello"


def test_whoever_has_answered_is_thanked_at_the_next_visit_too(survey: Callable, searched, database) -> None:
    answer(survey())
    page = survey()
    assert "Thank you!" in page.app.success[0].value
    assert not page.app.radio
    page.click("survey_see_results")
    assert "1 person has answered" in page.text
    assert len(responses(database)) == 1


def test_two_tabs_of_one_browser_give_one_answer(survey: Callable, searched, database) -> None:
    first, second = survey(), survey()
    answer(first)
    answer(second, choice=1)
    assert "Thank you!" in second.app.success[0].value
    assert [response.answers["preference"] for response in responses(database)] == ["text"]


def test_a_browser_without_cookies_is_told_why_it_cannot_answer(survey: Callable, cookies: dict[str, str]) -> None:
    cookies.clear()
    page = survey()
    assert "blocks cookies" in page.app.info[0].value


@pytest.fixture
def tokens(database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The invitations of a poll that is by invitation."""
    monkeypatch.setenv("RECSYS_SURVEY_MODE", "invited")
    invite(database, 2, tmp_path / "invites.csv", "http://app")
    with (tmp_path / "invites.csv").open() as file:
        return [row["link"].rpartition("=")[2] for row in csv.DictReader(file)]


def test_an_invitation_is_good_for_one_answer(survey: Callable, searched, database, tokens: list[str]) -> None:
    answer(survey(invitation=tokens[0]))
    assert "Thank you!" in survey(invitation=tokens[0]).app.success[0].value
    assert survey(invitation=tokens[1]).app.radio
    assert len(responses(database)) == 1


def test_an_invitation_is_remembered_by_its_cookie(
    survey: Callable, searched, tokens: list[str], cookies: dict[str, str]
) -> None:
    assert "by invitation" in survey().app.info[0].value
    cookies["kalcare_invitation"] = tokens[0]
    assert survey().app.radio


def test_a_forged_invitation_is_refused_politely(survey: Callable, searched, tokens) -> None:
    page = survey(invitation="A" * 22)
    assert "not one of our invitations" in page.app.info[0].value
    assert not page.app.radio


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
    assert len(page.app.get("vega_lite_chart") or page.app.get("arrow_vega_lite_chart")) == 6


def test_without_answers_the_study_is_shown_alone(survey: Callable) -> None:
    page = survey(tab="results")
    assert "0 people have answered" in page.text
    assert "No answers yet." in page.text
    assert "This poll" not in page.html
    assert "27 (51.9%)" in page.html


def test_where_results_change_in_steps_the_page_says_how_many_wait(
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
    for period, number in (("all", 6), ("week", 2), ("month", 4)):
        page.app.session_state["survey_period_name"] = period
        page.app.run()
        page.check()
        assert f"{number} people have answered" in page.text
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


def downloads(page) -> list[str]:
    return [button.proto.label for button in page.app.get("download_button")]


def test_everybody_may_download_where_no_key_is_set(survey: Callable, database) -> None:
    polled(database, ("text", ""))
    assert downloads(survey(tab="results")) == ["PNG", "SVG"] * 6 + ["Answers as CSV", "Answers as CSV with semicolons"]


def test_the_key_opens_remarks_and_downloads(survey: Callable, database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "öpen sesame")
    polled(database, ("text", "A remark"))
    page = survey(tab="results")
    assert "27 (51.9%)" in page.html
    assert "A remark" not in page.html + page.text
    assert downloads(page) == []
    for typed, is_open in (("", False), ("open sesame", False), ("öpen sesame", True)):
        page.app.text_input(key="stakeholder_typed").set_value(typed)
        page.app.button(key="FormSubmitter:stakeholder_form-Open").click().run()
        page.check()
        assert ("A remark" in page.html) is is_open
        assert ("That is not the key." in page.text) is not is_open
    assert len(downloads(page)) == 14
    # Another visitor, and another key, begin anew.
    assert "A remark" not in survey(tab="results").html
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "another")
    page.app.run()
    assert "A remark" not in page.html


def test_guesses_at_the_key_are_logged_and_soon_not_even_looked_at(
    survey: Callable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "sesame")
    _wrong_tries.clear()
    page = survey(tab="results")
    for typed in (*map(str, range(6)), "sesame"):
        page.app.text_input(key="stakeholder_typed").set_value(typed)
        page.app.button(key="FormSubmitter:stakeholder_form-Open").click().run()
    _wrong_tries.clear()
    assert "Too many wrong keys were tried." in page.text
    assert downloads(page) == []
    lines = [record.message for record in caplog.records if record.name.startswith("recsys")]
    told = [line.partition(" ")[2].partition(",")[0] for line in lines]
    assert told == ["the stakeholder key"] * 5 + ["at most 5 wrong stakeholder keys a minute"] * 2


def test_the_key_is_shown_nowhere(survey: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "s3same")
    assert "s3same" not in repr(survey(tab="results").app) + repr(Settings())


def failing(path: Path, how: str) -> Callable[[], None]:
    """Break the records' file; the function that is returned mends it."""
    kept = path.with_suffix(".kept")
    if how == "locked":
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return other.close
    path.rename(kept)
    if how == "no database":
        path.write_bytes(b"something else" * 1000)
    return lambda: kept.replace(path) and None


@pytest.mark.parametrize(
    ("how", "said"),
    [("locked", "keeps it locked"), ("gone", "it is gone"), ("no database", "that file is none")],
)
def test_where_the_records_fail_the_answers_typed_so_far_stay_on_the_page(
    survey: Callable, searched, database, settings: Settings, how: str, said: str
) -> None:
    page = survey()
    mend = failing(settings.records / "records.db", how)
    answer(page, choice=1, remark="Typed with care")
    assert "could not be saved just now. They are still here" in page.app.error[0].value
    assert said in page.text.replace("\\", "")
    assert not page.app.success
    assert [radio.value for radio in page.app.radio] == ["image", "no", "no", "no", "no"]
    assert page.app.text_area(key="survey_remark").value == "Typed with care"
    mend()
    page.click("survey_submit")
    assert "Thank you!" in page.app.success[0].value
    assert [response.remark for response in responses(database)] == ["Typed with care"]


def test_an_answer_too_many_from_one_address_stays_on_the_page_and_stakeholders_are_told(
    survey: Callable, searched, database, cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_SURVEY_HOURLY", "1")
    _ballot_limit.clear()
    answer(survey())
    monkeypatch.setitem(cookies, COOKIE, "w" * 43)
    with database.writing() as session:
        note_search(session, "w" * 43)
    page = survey()
    answer(page, choice=1)
    assert "Many answers came from your network" in page.app.warning[0].value
    assert [radio.value for radio in page.app.radio] == ["image", "no", "no", "no", "no"]
    assert len(responses(database)) == 1
    results = survey(tab="results")
    assert "1 answer was turned away: more than 1 came from one address" in results.text
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "secret")
    assert "turned away" not in survey(tab="results").text


def test_a_poll_that_cannot_be_opened_says_why(survey: Callable, settings: Settings) -> None:
    settings.records.mkdir(exist_ok=True)
    (settings.records / "records.db").write_bytes(b"something else" * 1000)
    page = survey()
    assert "This page cannot be shown yet" in page.text
    assert "that file is none" in page.text.replace("\\", "")


def test_sixty_people_who_submit_at_the_same_second_over_eight_processes_are_all_thanked(database, home: Path) -> None:
    with database.writing() as session:
        for person in range(60):
            note_search(session, cookie_of(person))
    crowd = subprocess.run(
        [sys.executable, "-m", "tests.pages.crowd", "60", "8"],
        cwd=ROOT,
        env={**os.environ, "RECSYS_HOME": str(home), "RECSYS_SERVED": "1", "RECSYS_SURVEY_STEP": "5"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=400,
        check=True,
    )
    told = crowd.stdout.splitlines()
    assert told == ["Thank you! Your answers are saved. Each person can answer once."] * 60
    assert {response.remark for response in responses(database)} == {f"remark {person}" for person in range(60)}
    assert len(responses(database)) == 60
