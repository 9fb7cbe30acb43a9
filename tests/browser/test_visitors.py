"""The visitors' cookie, and what visitors read if their ratings cannot be saved."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES
from recsys.ui.door.visitors import COOKIE
from tests.browser.accessibility import settle
from tests.browser.apps import Server
from tests.browser.test_feedback import button, card


@pytest.mark.parametrize("address", ["/", "/catalogue", "/no-such-page"])
def test_every_page_sets_a_random_cookie_that_scripts_cannot_read(server, address: str) -> None:
    first, second = (httpx.get(server.url + address) for _ in range(2))
    assert first.cookies[COOKIE] != second.cookies[COOKIE]
    name, *attributes = first.headers["Set-Cookie"].split("; ")
    assert len(name) == len(COOKIE) + 1 + 43 + 1 + 43
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=31536000"} == set(attributes)


def test_behind_https_the_cookie_is_sent_by_https_only(server) -> None:
    answer = httpx.get(server.url, headers={"X-Forwarded-Proto": "https, http"})
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


def test_below_a_base_path_the_cookie_stays_there(server_below_a_path) -> None:
    assert "Path=/shop;" in httpx.get(server_below_a_path.url, follow_redirects=True).headers["Set-Cookie"]


def test_a_page_that_the_browser_has_already_keeps_the_cookie_it_has(server) -> None:
    first = httpx.get(server.url)
    again = httpx.get(
        server.url,
        cookies=dict(first.cookies),
        headers={"If-None-Match": first.headers["ETag"], "Accept": "text/html,*/*"},
    )
    assert again.status_code == 304
    assert again.cookies[COOKIE] == first.cookies[COOKIE]


def test_a_cookie_of_another_form_is_replaced(server) -> None:
    assert len(httpx.get(server.url, cookies={COOKIE: "'; drop table"}).cookies[COOKIE]) == 43 + 1 + 43


def test_pictures_and_scripts_set_no_cookie(server) -> None:
    for address in ("/pictures/240/none.jpg", "/_stcore/health", "/favicon.png"):
        assert COOKIE not in httpx.get(server.url + address).cookies


def test_a_rating_that_cannot_be_saved_is_undone_with_one_line(
    separate_server: Server, separate_home: Path, page: Page
) -> None:
    page.goto(f"{separate_server.url}/?product=coffee-2")
    expect(page.get_by_role("button", name="Not similar")).to_have_count(NUM_MATCHES)
    settle(page)
    (separate_home / "records" / "records.db").unlink()  # this test is the last with this server
    button(page, 1, "Not similar").click()
    expect(card(page, 1).get_by_role("status")).to_have_text("Not saved. Try again later.")
    expect(button(page, 1, "Not similar")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.get_by_role("button", name="Surprise me").click()
    expect(page.get_by_text("Your ratings can't be saved right now.")).to_have_count(1)
    expect(page.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)
    assert "A mark was not kept. Expected the records' database" in separate_server.log
    assert "Traceback" not in separate_server.log
