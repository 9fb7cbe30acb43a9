"""Answering the poll: by whom, how often, and what happens if an answer cannot be saved."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys.settings import Settings
from recsys.survey.participants import note_search
from recsys.survey.questions import QUESTIONS
from recsys.ui.door.visitors import COOKIE
from recsys.ui.shell.services import _ballot_limit
from tests.pages.crowd import cookie_of
from tests.pages.poll import answer, responses

ROOT = Path(__file__).parents[2]


def test_people_who_have_not_searched_are_sent_to_search_and_come_back(
    survey: Callable, shop_csv: Path, database
) -> None:
    page = survey()
    assert "please try it first" in page.text
    assert not page.app.radio
    page.click("survey_try")
    assert page.app.title[0].value == "Which products look like this?"
    assert not [button for button in page.app.button if button.key == "survey_back"]
    page.go_to("search")  # AppTest itself keeps requesting the page it was on
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    page.click("survey_back")
    page.go_to("survey")
    assert page.app.title[0].value == "How do you like searching by photo?"
    assert len(page.app.radio) == len(QUESTIONS)
    answer(page)
    assert "Thank you!" in page.app.success[0].value


def test_the_study_s_questions_are_asked_word_for_word(survey: Callable, searched) -> None:
    page = survey()
    assert [radio.label for radio in page.app.radio][:5] == [
        "1. Prefer to search for products by typing text or image-based?",
        "2. Is it easier to search for image-based products?",
        "3. Is image-based product search more intuitive?",
        "4. Is the image-based product search stage faster?",
        "5. Does the existence of image-based product search make you come back to shop again?",
    ]
    assert [radio.options for radio in page.app.radio][:5] == [["Text", "Image"]] + [["Yes", "No"]] * 4
    assert {radio.value for radio in page.app.radio} == {None}


def test_what_is_missing_is_said_at_its_question_and_the_answers_stay(survey: Callable, searched, database) -> None:
    page = survey()
    answer(page, but="faster", choice=1, remark="Hello")
    assert [error.value for error in page.app.error] == ["Please choose one of the two."]
    assert "1 question is not answered yet." in page.text
    chosen = {question.key: question.choices[1] for question in QUESTIONS}
    assert [radio.value for radio in page.app.radio] == list({**chosen, "faster": None}.values())
    assert responses(database) == []
    page.app.radio(key="survey_faster").set_value("yes")
    page.click("survey_submit")
    assert "Thank you!" in page.app.success[0].value
    (response,) = responses(database)
    assert response.answers == {**chosen, "faster": "yes"}
    assert response.remark == "Hello"


def choices(page) -> dict[str, str | None]:
    return {question.key: page.app.radio(key=f"survey_{question.key}").value for question in QUESTIONS}


def test_answers_so_far_outlive_another_page_and_leave_nothing_when_sent(survey: Callable, searched, database) -> None:
    page = survey()
    page.app.radio(key="survey_preference").set_value("image")
    page.app.radio(key="survey_faster").set_value("no").run()
    so_far = dict.fromkeys(choices(page)) | {"preference": "image", "faster": "no"}
    page.go_to("catalogue")
    page.go_to("survey")
    assert choices(page) == so_far
    answer(page, choice=1, remark="Hello")
    assert "Thank you!" in page.app.success[0].value
    assert [response.remark for response in responses(database)] == ["Hello"]
    assert not [name for name in [*so_far, "remark"] if f"survey_{name}" in page.app.session_state]


def marked(page) -> list[str]:
    """The questions below which an answer is asked for, by their widgets' keys."""
    return [f"survey_{key}" for key in choices(page) if page.app.container(key=f"survey_question_{key}").get("error")]


def test_only_what_is_still_unanswered_is_marked_and_counted(survey: Callable, searched) -> None:
    page = survey()
    page.app.radio(key="survey_faster").set_value("no").run()
    assert marked(page) == []
    page.click("survey_submit")
    assert len(marked(page)) == len(QUESTIONS) - 1
    assert f"{len(QUESTIONS) - 1} questions are not answered yet." in page.text
    page.app.radio(key="survey_preference").set_value("image").run()
    page.go_to("catalogue")
    page.go_to("survey")
    answered = {"survey_preference", "survey_faster"}
    assert marked(page) == [name for one in QUESTIONS if (name := f"survey_{one.key}") not in answered]
    assert f"{len(QUESTIONS) - 2} questions are not answered yet." in page.text
    for key in marked(page):
        page.app.radio(key=key).set_value("yes").run()
    assert "not answered yet" not in page.text


def test_people_who_answered_are_thanked_at_the_next_visit_too(survey: Callable, searched, database) -> None:
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


def failing(path: Path, how: str) -> Callable[[], None]:
    """Break the records' file; the returned function repairs it."""
    kept = path.with_suffix(".kept")
    if how == "locked":
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return other.close
    path.rename(kept)
    if how == "no database":
        path.write_bytes(b"something else" * 1000)
    return lambda: kept.replace(path) and None


LOGGED = {"locked": "keeps it locked", "gone": "it is gone", "no database": "that file is none"}


@pytest.mark.usefixtures("searched")
@pytest.mark.parametrize("how", LOGGED)
def test_if_the_records_fail_the_answers_given_so_far_stay_on_the_page(
    survey: Callable, database, settings: Settings, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    page = survey()
    mend = failing(settings.records / "records.db", how)
    answer(page, choice=1, remark="Typed with care")
    assert "could not be saved just now. They are still here" in page.app.error[0].value
    assert str(settings.records) not in page.text
    assert LOGGED[how] in caplog.text
    assert not page.app.success
    assert [radio.value for radio in page.app.radio] == [question.choices[1] for question in QUESTIONS]
    assert page.app.text_area(key="survey_remark").value == "Typed with care"
    mend()
    page.click("survey_submit")
    assert "Thank you!" in page.app.success[0].value
    assert [response.remark for response in responses(database)] == ["Typed with care"]


def test_an_answer_beyond_the_limit_stays_on_the_page_and_stakeholders_see_it(
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
    assert [radio.value for radio in page.app.radio] == [question.choices[1] for question in QUESTIONS]
    assert len(responses(database)) == 1
    results = survey(tab="results")
    assert "1 answer was turned away: more than 1 came from one address" in results.text
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "secret")
    assert "turned away" not in survey(tab="results").text


def test_a_poll_that_cannot_be_opened_says_so(
    survey: Callable, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.records.mkdir(exist_ok=True)
    (settings.records / "records.db").write_bytes(b"something else" * 1000)
    page = survey()
    assert "This page cannot be shown yet" in page.text
    assert "that file is none" in caplog.text


def test_sixty_people_submitting_in_the_same_second_to_three_processes_are_all_thanked(database, home: Path) -> None:
    with database.writing() as session:
        for person in range(60):
            note_search(session, cookie_of(person))
    crowd = subprocess.run(
        [sys.executable, "-m", "tests.pages.crowd", "60", "3"],
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
