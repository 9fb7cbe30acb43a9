"""Every page, in both themes, checked by axe; and the whole way from an address to a match by keyboard alone."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from embeddings.imaging.photos import encode_jpeg
from recsys.num_matches import NUM_MATCHES
from tests.browser.accessibility import settle, violations
from tests.browser.apps import Server
from tests.browser.widgets import choose_option, upload, wait_until

FOCUSED = """
() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}
"""


def test_axe_finds_nothing_on_any_page(server, page: Page) -> None:
    page.goto(server.url)
    settle(page)
    addresses = page.locator(".st-key-top_bar a").evaluate_all("links => links.map(link => link.href)")
    assert len(addresses) >= 3
    found = violations(page)
    for address in addresses[1:]:
        page.goto(address)
        settle(page)
        found += [f"{address}: {line}" for line in violations(page)]
    assert found == []


def test_axe_finds_nothing_with_matches_and_an_open_camera(server, page: Page, shop_csv: Path) -> None:
    page.goto(server.url)
    upload(page, shop_csv.parent / "coffee-2.jpg")
    expect(page.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)
    page.get_by_text("Set the frame with sliders").click()
    page.get_by_text("As EfficientNetLite0 sees it").click()
    expect(page.get_by_role("img", name="The photo as the network sees it")).to_be_visible()
    page.get_by_text("All 11 backbones").click()
    page.get_by_role("button", name="Camera").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    assert violations(page) == []


def test_axe_finds_nothing_with_a_refused_file_and_an_unready_backbone(server, page: Page, tmp_path) -> None:
    (tmp_path / "notes.jpg").write_text("not a picture")
    page.goto(server.url)
    upload(page, tmp_path / "notes.jpg")
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    choose_option(page, "Backbone", "VGG16")
    expect(page.get_by_role("heading", name="VGG16 is not ready")).to_be_visible()
    assert violations(page) == []


def test_axe_finds_nothing_on_a_product_with_its_link_open(server, page: Page) -> None:
    page.goto(f"{server.url}/?product=coffee-2")
    expect(page.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)
    settle(page)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_test_id("stCode")).to_be_visible()
    assert violations(page) == []


def test_axe_finds_nothing_with_the_results_for_words(server, page: Page) -> None:
    page.goto(server.url)
    settle(page)
    words = page.get_by_role("searchbox", name="Search by words")
    words.fill("astronuat")
    words.press("Enter")
    expect(page.locator(".st-key-cards_words .kc-card")).to_have_count(4)
    settle(page)
    assert violations(page) == []


def test_axe_finds_nothing_with_an_explanation_and_without_similar_products(
    described_server: Server, shop_csv: Path, page: Page, tmp_path: Path
) -> None:
    page.goto(described_server.url)
    upload(page, shop_csv.parent / "coffee-2.jpg")
    expect(page.locator(".st-key-cards_search .kc-card").first).to_contain_text("Same product")
    page.get_by_role("button", name="Why similar?").first.click()
    expect(page.get_by_role("dialog").get_by_role("img", name="side by side. ")).to_be_visible()
    settle_dialog(page)
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    wall = np.random.default_rng(0).normal(200, 4, (300, 300, 3)).clip(0, 255).astype(np.uint8)
    (tmp_path / "wall.jpg").write_bytes(encode_jpeg(wall, quality=90))
    upload(page, tmp_path / "wall.jpg")
    expect(page.get_by_role("heading", name="The closest we have")).to_be_visible()
    settle(page)
    assert violations(page) == []


def test_axe_finds_nothing_on_a_phone(server, phone: Page, shop_csv: Path) -> None:
    phone.goto(server.url)
    upload(phone, shop_csv.parent / "coffee-2.jpg")
    expect(phone.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)
    assert violations(phone, ["light"]) == []


def settle_dialog(page: Page) -> None:
    """Wait until the dialog's picture is there and the script has run."""
    wait_until(page, "document.querySelector('.st-key-why_similar img').naturalWidth > 0")
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()


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


def test_from_an_address_to_a_match_and_on_by_keyboard_alone(server, page: Page, shop_csv: Path) -> None:
    page.goto(server.url)
    settle(page)
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
