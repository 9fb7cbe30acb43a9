"""The visitors' cookie, and the record that a visitor has searched."""

import hashlib
import sqlite3
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES

COOKIE = "kalcare_visitor"


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


def noted(home: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(home / "records" / "records.db") as connection:
        return connection.execute("select key, has_answered from survey_participants").fetchall()


@pytest.mark.usefixtures("nothing_recorded")
def test_a_search_is_noted_for_its_visitor(server, shop_home: Path, page: Page) -> None:
    page.goto(server.url)
    expect(page.locator(".st-key-search_welcome button").first).to_be_visible()
    assert noted(shop_home) == []
    page.locator(".st-key-search_welcome button").first.click()
    expect(page.locator(".kc-card")).to_have_count(NUM_MATCHES)
    expect(page.get_by_text("Your ratings show us")).to_be_visible()
    (cookie,) = (cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE)
    assert noted(shop_home) == [(hashlib.sha256(cookie.partition(".")[0].encode()).hexdigest(), 0)]


def test_searching_continues_if_the_records_cannot_be_used(serve, unrecorded_home: Path, page: Page) -> None:
    (unrecorded_home / "records").mkdir()
    (unrecorded_home / "records" / "records.db").write_bytes(b"no database" * 1000)
    server = serve(unrecorded_home)
    page.goto(server.url)
    page.locator(".st-key-search_welcome button").first.click()
    expect(page.locator(".kc-card")).to_have_count(NUM_MATCHES)
    expect(page.get_by_text("Your ratings can't be saved right now.")).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    assert "that file is none" in server.log
    assert "Traceback" not in server.log
