"""Every page, in both themes, checked by axe; and the whole way from an address to a match by keyboard alone.

Axe also looks at what the tests of single parts have opened.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import settle, violations
from tests.browser.test_door import REPORT, broken_rules
from tests.browser.widgets import wait_until

FOCUSED = """
() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}
"""


def test_axe_finds_nothing_on_any_page_and_none_breaks_its_own_rules(server, page: Page) -> None:
    page.add_init_script(REPORT)
    page.goto(server.url)
    settle(page)
    links = page.locator(".st-key-top_bar a").all()
    assert len(links) >= 5
    found = [*broken_rules(page), *violations(page)]
    for link in links[1:]:
        before = page.get_by_role("heading", level=1).inner_text()
        link.click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(before)
        settle(page)
        found += [f"{page.url}: {line}" for line in (*broken_rules(page), *violations(page))]
    assert found == []


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with that accessible name has the focus, visibly."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle(FOCUSED).as_element()
        text = focused and focused.evaluate("e => e.ariaLabel || e.innerText || e.querySelector('img')?.alt || ''")
        if text and name in text:
            assert focused.evaluate("e => getComputedStyle(e).outlineStyle !== 'none' || e.matches(':focus-visible')")
            return
    pytest.fail(f"Tab never comes to {name}")


def test_from_misspelt_words_to_their_products_and_from_a_photo_to_a_match_and_on_by_keyboard_alone(
    server, page: Page, shop_csv: Path
) -> None:
    page.goto(server.url)
    settle(page)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "search":
            break
    page.keyboard.type("astronuat")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="4 products for “astronuat”")).to_be_visible()
    expect(page.get_by_text("Showing results for “astronaut” instead of “astronuat”.")).to_be_visible()
    expect(page.locator(".st-key-cards_words .kc-card")).to_have_count(4)
    wait_until(page, "[...document.querySelectorAll('.kc-card img')].every(img => img.naturalWidth > 0)")
    settle(page)
    assert violations(page) == []
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-cards_words .kc-card")).to_have_count(0)

    tab_to(page, "Choose a file")
    with page.expect_file_chooser() as opened:
        page.keyboard.press("Enter")
    opened.value.set_files(shop_csv.parent / "coffee-2.jpg")
    matches = page.locator(".st-key-cards_search .kc-card")
    expect(matches.first).to_contain_text("Product coffee-2")

    page.locator("body").press("Home")
    tab_to(page, "Search area")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("group", name=re.compile(r"to 9[01] percent of the width"))).to_be_visible()

    tab_to(page, "More like this")
    cosine = page.locator(".st-key-card_search_0 .kc-cosine")
    expect(cosine).to_have_css("opacity", "1")  # the number that mouse users see when they point at the card
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-product_detail").get_by_role("heading")).to_be_visible()
