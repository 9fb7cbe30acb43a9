"""Signing in with a provider's accounts, as people do it: what each role sees, and who is kept out."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from recsys.database.database import open_database
from recsys.database.engines import records_address
from recsys.num_matches import NUM_MATCHES
from recsys.settings import Settings
from recsys.survey.responses import count_responses
from recsys.survey.survey_tables import Participant
from tests.browser.accessibility import violations
from tests.browser.apps import Server, free_port, running_app
from tests.browser.provider import Provider, running_provider
from tests.browser.test_door import REPORT
from tests.browser.test_survey import choose, submit_button, thanks
from tests.recsys.survey.answers import ALL_FOR_IT

HOUR = 3600
PEOPLE = {
    "RECSYS_EMPLOYEES": "@shop.example",
    "RECSYS_STAKEHOLDERS": "sari@shop.example",
    "RECSYS_ADMINISTRATORS": "group:search-admins",
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running_provider(tmp_path_factory.mktemp("provider")) as provider:
        provider.add("ana", email="ana@shop.example", email_verified=True)
        provider.add("sari", email="Sari@shop.example")
        provider.add("dewi", email="dewi@elsewhere.example", groups=["search-admins"])
        provider.add("eve", email="eve@elsewhere.example")
        yield provider


@pytest.fixture(scope="module")
def environment(provider: Provider) -> dict[str, str]:
    """The app's, registered at the provider: its port is known before it starts, because people are sent back there."""
    address = f"http://127.0.0.1:{free_port()}"
    return {**provider.register(f"{address}/oauth2callback"), "RECSYS_SIGN_IN_ADDRESS": address, **PEOPLE}


@pytest.fixture(scope="module")
def start(
    shop_home: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], AbstractContextManager[Server]]:
    """Run the app while a block runs."""
    port = urlsplit(environment["RECSYS_SIGN_IN_ADDRESS"]).port
    return lambda: running_app(shop_home, tmp_path_factory.mktemp("server"), environment=environment, port=port)


@pytest.fixture(scope="module")
def app(start: Callable[[], AbstractContextManager[Server]]) -> Iterator[Server]:
    with start() as server:
        yield server


def sign_in(page: Page, app: Server, subject: str) -> None:
    """Sign in as a person does: the app's button, the provider's page, and back."""
    page.goto(app.url)
    page.get_by_role("button", name="Sign in").click()
    authorise(page, app, subject)


def authorise(page: Page, app: Server, subject: str) -> None:
    """Choose an account on the provider's page, and go back."""
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(f"{app.url}/**")


def heading(page: Page, name: str):
    return page.get_by_role("heading", level=1, name=name)


def test_people_get_no_part_of_a_page_and_a_token_for_another_app_an_expired_one_or_none_signs_nobody_in(
    app: Server, provider: Provider, page: Page
) -> None:
    received: list[bytes | str] = []

    def listen(frame: bytes | str) -> None:
        received.append(frame)

    page.on("websocket", lambda socket: socket.on("framereceived", listen))
    page.add_init_script(REPORT)
    for path in ("/catalogue", "/usage", "/?product=coffee-1"):
        page.goto(f"{app.url}{path}")
        expect(heading(page, "Sign in to search")).to_be_visible()
        expect(page.locator(".st-key-top_bar a")).to_have_count(0)
    assert page.evaluate("window.violations || []") == []
    told = b"".join(frame for frame in received if isinstance(frame, bytes))
    assert b"Sign in to search" in told
    assert not [text for text in (b"Product coffee", b"/pictures/", b"How the search is used") if text in told]
    assert violations(page, ["light"]) == []
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("Signing in did not work.")).to_be_visible()
    for claims in ({"aud": "another-app"}, {"iat": time.time() - 2 * HOUR, "exp": time.time() - HOUR}):
        provider.add("budi", email="budi@shop.example", **claims)
        page.get_by_role("button", name="Sign in").click()
        authorise(page, app, "budi")
        expect(page.get_by_text("Signing in did not work.")).to_be_visible()
        expect(heading(page, "Sign in to search")).to_be_visible()


def test_an_employee_searches_sees_no_usage_and_signs_out(app: Server, page: Page) -> None:
    sign_in(page, app, "ana")
    expect(heading(page, "Which products look like this?")).to_be_visible()
    expect(page.get_by_role("link", name="Poll")).to_be_visible()
    expect(page.get_by_role("link", name="Usage")).to_have_count(0)
    expect(page.locator(".st-key-search_inputs")).to_be_visible()
    page.goto(f"{app.url}/usage")
    expect(page.get_by_text("Your account doesn't have access.")).to_be_visible()
    page.get_by_role("button", name="Account").click()
    expect(page.get_by_text("ana@shop.example")).to_be_visible()
    assert violations(page, ["light"]) == []
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    expect(heading(page, "Sign in to search")).to_be_visible()
    assert not [cookie for cookie in page.context.cookies() if cookie["name"].startswith("_streamlit_user")]
    page.goto(f"{app.url}/catalogue")
    expect(heading(page, "Sign in to search")).to_be_visible()


def test_a_stakeholder_sees_usage_and_starts_no_jobs_an_administrator_does_both_and_another_account_is_told_so(
    app: Server, page: Page
) -> None:
    sign_in(page, app, "eve")
    expect(heading(page, "This account cannot use the search")).to_be_visible()
    expect(page.get_by_text("eve@elsewhere.example")).to_be_visible()
    expect(page.locator(".st-key-top_bar a")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    expect(heading(page, "Sign in to search")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    authorise(page, app, "sari")
    expect(page.get_by_text("the catalogue hasn't been analysed in detail yet")).to_be_visible()
    expect(page.get_by_role("button", name="Analyse 16 pictures in detail")).to_have_count(0)
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_text("Searches", exact=False).first).to_be_visible()
    page.context.clear_cookies()
    sign_in(page, app, "dewi")
    expect(page.get_by_role("button", name="Analyse 16 pictures in detail")).to_be_visible()
    expect(page.get_by_role("link", name="Usage")).to_be_visible()


@pytest.mark.usefixtures("nothing_recorded")
def test_a_person_answers_once_in_any_browser_of_any_process_and_is_stored_as_a_hash(
    app: Server, start: Callable[[], AbstractContextManager[Server]], shop_home: Path, page: Page
) -> None:
    records = open_database(records_address(Settings(home=shop_home)))
    sign_in(page, app, "ana")
    page.get_by_role("button", name="Surprise me").click()
    expect(page.locator(".kc-card")).to_have_count(NUM_MATCHES)
    first_browser = page.context.cookies()
    page.context.clear_cookies()  # like another browser
    sign_in(page, app, "ana")
    page.get_by_role("link", name="Poll").click()
    choose(page, ALL_FOR_IT)
    submit_button(page).click()
    expect(thanks(page)).to_be_visible()
    page.context.clear_cookies()
    page.context.add_cookies(first_browser)
    os.kill(app.pid, signal.SIGKILL)  # this test is the last
    with start() as second:  # at the same address
        page.goto(f"{second.url}/survey")
        expect(thanks(page)).to_be_visible()
    with records.reading() as session:
        assert count_responses(session) == 1
        keys = {row.key for row in session.query(Participant) if row.has_answered}
    assert len(keys) == 1
    assert {len(key) for key in keys} == {64}
    assert not [path for path in shop_home.rglob("records.db*") if b"ana@shop" in path.read_bytes()]
    assert "ana@shop" not in app.log
    assert "Traceback" not in app.log.split("OAuth token exchange failed")[0]
