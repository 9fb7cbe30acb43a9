"""Rating a match in the browser, and what stakeholders see of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from recsys.num_matches import NUM_MATCHES
from tests.browser.accessibility import THEMES, violations
from tests.browser.apps import Server
from tests.browser.widgets import upload, wait_until

MARKS = (
    "select rank, is_it, is_similar from feedback_matches where is_it or is_similar is not null "
    "order by rank, is_it desc"
)
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture
def home(shop_home: Path) -> Path:
    return shop_home


@pytest.fixture
def app(server: Server, nothing_recorded: None) -> Server:
    """The app, in which nobody has searched yet."""
    return server


def rows(home: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(home / "records" / "records.db")) as connection:
        return connection.execute(query).fetchall()


def card(page: Page, rank: int) -> Locator:
    return page.locator(f".st-key-card_search_{rank - 1}")


def button(page: Page, rank: int, name: str) -> Locator:
    return card(page, rank).get_by_role("button", name=name)


def settled(page: Page) -> None:
    """Wait until the server has responded."""
    wait_until(page, "!document.querySelector('[data-testid=stStatusWidget]')")


def wait_for(page: Page, home: Path, expected: list[tuple]) -> None:
    for _ in range(300):
        if rows(home, MARKS) == expected:
            return
        page.wait_for_timeout(100)
    assert rows(home, MARKS) == expected


def test_stakeholders_see_matches_rated_on_a_laptop_and_on_a_phone(
    app: Server, home: Path, page: Page, shop_csv: Path
) -> None:
    page.goto(f"{app.url}/?product=coffee-2")
    expect(page.get_by_role("button", name="Not similar")).to_have_count(NUM_MATCHES)
    expect(page.get_by_role("button", name="This is it")).to_have_count(0)  # the product is not among its matches
    expect(page.get_by_text("We never store your photo or who you are.")).to_be_visible()
    timing = page.get_by_text("products compared in").inner_text()

    page.set_viewport_size({"width": 1440, "height": 800})
    scrolled = scrolled_to(page, 2)
    button(page, 2, "Not similar").dblclick()  # a double click is one click
    wait_for(page, home, [(2, 0, 0)])
    settled(page)
    expect(button(page, 2, "Not similar")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(SCROLLED) == scrolled  # the page did not jump
    assert violations(page, ["dark"]) == []

    page.set_viewport_size({"width": 390, "height": 800})
    scrolled = scrolled_to(page, 2)
    card(page, 1).locator("[data-do=yes]").click()
    wait_for(page, home, [(1, 0, 1), (2, 0, 0)])
    settled(page)
    assert page.evaluate(SCROLLED) == scrolled
    assert violations(page, ["light"]) == []
    assert page.get_by_text("products compared in").inner_text() == timing  # it did not search again

    page.reload()
    expect(button(page, 2, "Not similar")).to_have_attribute("aria-pressed", "true")
    expect(button(page, 3, "Not similar")).to_have_attribute("aria-pressed", "false")
    assert rows(home, "select count(*) from feedback_searches") == [(1,)]
    assert rows(home, MARKS) == [(1, 0, 1), (2, 0, 0)]

    upload(page, shop_csv.parent / "coffee-2.jpg")
    button(page, 1, "This is it").click()
    wait_for(page, home, [(1, 1, None), (1, 0, 1), (2, 0, 0)])

    page.goto(f"{app.url}/stakeholders")
    figures = page.locator(".kc-figures > div")
    expect(figures.nth(0)).to_contain_text("Searches 2", use_inner_text=True)
    expect(figures.nth(2)).to_contain_text("100.0%")
    expect(figures.nth(3)).to_contain_text("50.0%")
    precision = page.locator(".st-key-usage_section_precision")
    expect(precision.locator("text", has_text="50.0% of 2 (few)")).to_be_visible()
    expect(precision.get_by_role("row", name="EfficientNetLite0")).to_contain_text("9.5% to 90.5%")
    expect(page.locator("[class*=st-key-usage_section_] svg.marks")).to_have_count(6)
    settled(page)
    for width, theme in zip((390, 1440), THEMES, strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page, [theme]) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "Traceback" not in app.log


def scrolled_to(page: Page, rank: int) -> float:
    """How far the page is scrolled with a match in view."""
    page.mouse.wheel(0, 1)  # after this, the page does not scroll by itself
    button(page, rank, "Not similar").scroll_into_view_if_needed()
    settled(page)
    scrolled: float = page.evaluate(SCROLLED)
    return scrolled


def test_ratings_are_given_changed_and_taken_back_with_the_keyboard_and_with_a_thumb_and_show_without_colours(
    app: Server, home: Path, page: Page, shop_csv: Path
) -> None:
    page.goto(app.url)
    upload(page, shop_csv.parent / "coffee-2.jpg")
    it, yes, no = (card(page, 1).locator(f"[data-do={name}]") for name in ("it", "yes", "no"))
    expect(yes).to_have_accessible_name("Similar")
    it.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(yes).to_be_focused()
    page.keyboard.press("Enter")
    wait_for(page, home, [(1, 1, 1)])
    page.keyboard.press("Tab")
    expect(no).to_be_focused()
    page.keyboard.press("Enter")
    wait_for(page, home, [(1, 1, 0)])
    expect(yes).to_have_attribute("aria-pressed", "false")
    expect(no).to_be_focused()  # the server's response does not take the focus away
    page.wait_for_timeout(500)  # longer than what counts as a double click
    page.keyboard.press("Enter")
    wait_for(page, home, [(1, 1, None)])
    expect(no).to_have_attribute("aria-pressed", "false")

    buttons = page.locator(".marks button")
    for rank, width in enumerate((1440, 820, 390), 1):
        page.set_viewport_size({"width": width, "height": 900})
        expect(buttons).to_have_count(3 * NUM_MATCHES)
        boxes = buttons.evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(box => [box.width, box.height])"
        )
        assert min(min(box) for box in boxes) >= 44
        yes = card(page, rank).locator("[data-do=yes]")
        expect(yes.locator(".off")).to_be_visible()
        expect(yes.locator(".on")).to_be_hidden()
        yes.click()
        expect(yes.locator(".on")).to_be_visible()  # a different shape, not only another colour
        expect(card(page, rank).locator(".problem")).to_be_empty()
        expect(yes.locator(".off")).to_be_hidden()
