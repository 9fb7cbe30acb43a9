"""The poll as people meet it: from the first search to the charts, and when things go wrong."""

import hashlib
import os
import re
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recsys.database.database import Database, open_database
from recsys.database.engines import records_address
from recsys.num_matches import NUM_MATCHES
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.invitations import invite
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response, read_responses
from recsys.survey.summary import summarise
from recsys.survey.survey_tables import Participant
from recsys.ui.door.visitors import COOKIE
from tests.browser.accessibility import violations
from tests.browser.apps import Server
from tests.browser.conftest import LAPTOP
from tests.browser.test_languages import choose_language
from tests.browser.widgets import wait_until
from tests.recsys.survey.answers import ALL_FOR_IT

NARROW = (390, 820)
"""Widths of a phone and of a tablet, in pixels."""


@pytest.fixture
def app(server: Server, nothing_recorded: None) -> Server:
    """The app, in which nobody has answered yet."""
    return server


@pytest.fixture
def database(shop_home: Path, app: Server) -> Database:
    return open_database(records_address(Settings(home=shop_home)))


@pytest.fixture
def own_database(unrecorded_home: Path) -> Database:
    return open_database(records_address(Settings(home=unrecorded_home)))


def responses(database: Database) -> list[Response]:
    with database.reading() as session:
        return read_responses(session)


def participants(database: Database) -> list[tuple[str, bool]]:
    """Who has searched, each as a hash, and whether they have answered."""
    with database.reading() as session:
        return [(row.key, row.has_answered) for row in session.query(Participant)]


def visitor(page: Page) -> str:
    """The name of the page's visitor, from their cookie."""
    (cookie,) = (cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE)
    return str(cookie).partition(".")[0]


def others_answer(database: Database, number: int) -> None:
    """Add that many other people's answers."""
    for _ in range(number):
        name = os.urandom(8).hex()
        with database.writing() as session:
            note_search(session, name)
        Poll(database, "open").submit(Respondent(name), ALL_FOR_IT)


def open_questions(page: Page, app: Server, database: Database) -> None:
    """Open the poll after a search."""
    page.request.get(app.url)
    with database.writing() as session:
        note_search(session, visitor(page))
    page.goto(f"{app.url}/survey")
    expect(submit_button(page)).to_be_visible()


def submit_button(page: Page):
    return page.get_by_role("button", name="Send my answers")


def choose(page: Page, choices: dict[str, str]) -> None:
    for question in QUESTIONS:
        group = page.locator(f".st-key-survey_question_{question.key}")
        group.get_by_text(question.labels[choices[question.key]], exact=True).click()


def thanks(page: Page):
    return page.get_by_text("Thank you! Your answers are saved")


def test_from_the_first_search_to_the_charts(app: Server, database: Database, page: Page) -> None:
    page.goto(f"{app.url}/survey")
    page.get_by_role("button", name="Try a search").click()
    expect(page.locator(".st-key-search_welcome button").first).to_be_visible()
    assert participants(database) == []
    page.locator(".st-key-search_welcome button").first.click()
    expect(page.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)
    expect(page.get_by_text("Your ratings show us")).to_be_visible()
    assert participants(database) == [(hashlib.sha256(visitor(page).encode()).hexdigest(), False)]
    page.get_by_role("button", name="Answer the poll").click()
    expect(page.get_by_role("radiogroup")).to_have_count(len(QUESTIONS))
    submit_button(page).click()
    expect(page.get_by_role("alert").filter(has_text="Please choose one of the two.")).to_have_count(len(QUESTIONS))
    choose(page, {**ALL_FOR_IT, "faster": "no"})
    page.get_by_role("textbox", name="Anything else").fill("Found <b>it</b> at once")
    submit_button(page).dblclick()
    expect(thanks(page)).to_be_visible()
    page.get_by_role("button", name="See the results").click()
    expect(page.get_by_text("1 person has answered")).to_be_visible()
    assert page.url.endswith("tab=results")
    expect(page.locator("svg.marks")).to_have_count(len(QUESTIONS) + 1)
    expect(page.locator(".kc-remarks")).to_contain_text("Found <b>it</b> at once")
    assert [(answer.answers["faster"], answer.remark) for answer in responses(database)] == [
        ("no", "Found <b>it</b> at once")
    ]
    assert "Traceback" not in app.log


def test_the_results_are_in_reach_of_all_and_can_be_downloaded_and_new_answers_appear(
    app: Server, database: Database, page: Page
) -> None:
    others_answer(database, 3)
    page.goto(f"{app.url}/survey?tab=results")
    expect(page.get_by_text("3 people have answered")).to_be_visible()
    expect(page.locator("svg.marks")).to_have_count(len(QUESTIONS) + 1)
    card = page.locator(".st-key-survey_result_preference")
    expect(card.locator("svg.marks")).to_contain_text("Image 3 (100.0%)")
    expect(card.get_by_role("row", name="This poll, 3 people")).to_contain_text("0.0% to 56.1%")
    described = card.get_by_label(re.compile("This poll, 3 people: Text 0 .* The study of 2023, 52 people: Text 27"))
    expect(described.first).to_be_visible()
    assert card.locator("svg.marks .role-mark [role=graphics-symbol]").count() == 0  # the description has it all, once
    fills = card.locator("svg.marks .mark-rect path").evaluate_all("bars => bars.map(bar => bar.getAttribute('fill'))")
    assert set(fills) == {"#0f7f6e", "transparent", "#808a86"}  # the last: the ends of the intervals
    assert violations(page) == []
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(
            page,
            f"[...document.querySelectorAll('.kc-table, svg')].every(e => e.getBoundingClientRect().right <= {width})",
        )
        tables = page.locator("[class*=st-key-survey_result_] .kc-table").evaluate_all(
            "tables => tables.map(table => table.scrollWidth - table.clientWidth)"
        )
        assert max(tables) <= 1
    page.set_viewport_size(LAPTOP)

    png = downloaded(page, "survey_png_preference")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(png) > 10_000
    svg = downloaded(page, "survey_svg_days").decode()
    assert "Answers over time" in svg
    assert "3 people" in svg
    csv = downloaded(page, "survey_csv_commas").decode("utf-8-sig")
    assert csv.splitlines()[0] == ",".join(["day", *ALL_FOR_IT, "remark"])
    assert len(csv.splitlines()) == 4

    others_answer(database, 1)
    expect(page.get_by_text("4 people have answered")).to_be_visible()
    expect(card.locator("svg.marks")).to_contain_text("Image 4 (100.0%)")
    share = summarise(responses(database)).questions[0].poll
    assert (share.count, share.total) == (0, 4)


def downloaded(page: Page, button: str) -> bytes:
    """The file that the button downloads."""
    with page.expect_download() as download:
        page.locator(f".st-key-{button} button").click()
    return download.value.path().read_bytes()


def test_the_questions_are_in_reach_of_all_answers_outlive_page_and_language_and_another_tab_gives_no_second_one(
    app: Server, database: Database, page: Page
) -> None:
    open_questions(page, app, database)
    submit_button(page).click()
    expect(page.get_by_role("alert").filter(has_text="Please choose one of the two.")).to_have_count(len(QUESTIONS))
    assert violations(page) == []
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(page, f"document.documentElement.scrollWidth <= {width}")
    page.set_viewport_size(LAPTOP)

    asked = page.get_by_role("alert").filter(has_text="Please choose one of the two.")
    page.get_by_text("Image", exact=True).click()
    expect(asked).to_have_count(len(QUESTIONS) - 1)
    remark, chosen = page.get_by_role("textbox", name="Anything else"), page.locator("label:has(input:checked)")
    remark.fill("Typed with care")
    submit_button(page).click()
    expect(page.get_by_text(f"{len(QUESTIONS) - 1} questions are not answered yet.")).to_be_visible()
    remark.fill("Lost with the page")
    page.get_by_role("link", name="Catalogue").click()
    expect(page.get_by_role("heading", name="Catalogue")).to_be_visible()
    page.get_by_role("link", name="Poll").click()
    expect(asked).to_have_count(len(QUESTIONS) - 1)
    expect(remark).to_have_value("Typed with care")
    expect(chosen).to_have_text("Image")
    choose_language(page, "Indonesia")
    expect(chosen).to_have_text("Gambar")
    choose_language(page, "English")
    expect(chosen).to_have_text("Image")

    other = page.context.new_page()
    other.goto(f"{app.url}/survey")
    choose(other, ALL_FOR_IT)
    page.bring_to_front()
    choose(page, ALL_FOR_IT)
    submit_button(page).click()
    expect(thanks(page)).to_be_visible()
    page.reload()
    expect(thanks(page)).to_be_visible()
    page.get_by_role("link", name="Catalogue").click()
    expect(page.get_by_role("heading", name="Catalogue")).to_be_visible()
    page.go_back()
    expect(thanks(page)).to_be_visible()
    other.bring_to_front()
    submit_button(other).click()
    expect(thanks(other)).to_be_visible()
    assert [response.remark for response in responses(database)] == ["Typed with care"]


def test_an_invited_person_searches_first_and_the_link_is_good_once(
    separate_server: Server, separate_home: Path, page: Page, phone: Page, tmp_path: Path
) -> None:
    app, database = separate_server, open_database(records_address(Settings(home=separate_home)))
    invite(database, 1, tmp_path / "invites.csv", app.url)
    link = (tmp_path / "invites.csv").read_text().split(",")[-1].strip()
    page.goto(link)
    page.get_by_role("button", name="Try a search").click()
    page.locator(".st-key-search_welcome button").first.click()
    page.get_by_role("button", name="Answer the poll").click()
    choose(page, ALL_FOR_IT)
    submit_button(page).click()
    expect(thanks(page)).to_be_visible()
    phone.goto(link)
    expect(thanks(phone)).to_be_visible()
    phone.goto(f"{app.url}/survey?invitation=AAAAAAAAAAAAAAAAAAAAAA")
    expect(phone.get_by_text("This link is not one of our invitations.")).to_be_visible()
    phone.context.clear_cookies()
    phone.goto(f"{app.url}/survey")
    expect(phone.get_by_text("This poll is by invitation.")).to_be_visible()
    assert len(responses(database)) == 1


def test_nobody_is_thanked_for_an_answer_that_a_full_disk_or_a_killed_app_has_lost(
    serve: Callable[..., Server], unrecorded_home: Path, own_database: Database, page: Page
) -> None:
    own_app = serve(unrecorded_home)
    open_questions(page, own_app, own_database)
    choose(page, ALL_FOR_IT)
    page.get_by_role("textbox", name="Anything else").fill("Typed with care")
    limits = resource.prlimit(own_app.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(own_app.pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
    submit_button(page).click()
    expect(page.get_by_text("Your answers could not be saved just now.")).to_be_visible()
    assert "the disk refused" in own_app.log
    expect(thanks(page)).to_have_count(0)
    expect(page.get_by_role("textbox", name="Anything else")).to_have_value("Typed with care")
    expect(page.locator("input[type=radio]:checked")).to_have_count(len(QUESTIONS))
    resource.prlimit(own_app.pid, resource.RLIMIT_FSIZE, limits)
    submit_button(page).click()
    expect(thanks(page)).to_be_visible()
    assert [response.remark for response in responses(own_database)] == ["Typed with care"]

    page.context.clear_cookies()  # like another person
    open_questions(page, own_app, own_database)
    choose(page, ALL_FOR_IT)
    submit_button(page).click()
    page.wait_for_timeout(20)  # `make kill` tries many moments
    os.kill(own_app.pid, signal.SIGKILL)
    page.wait_for_timeout(1000)
    assert thanks(page).count() <= len(responses(own_database)) - 1 <= 1
