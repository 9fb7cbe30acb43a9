import re
from pathlib import Path

from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES
from tests.browser.widgets import choose_option, upload

ENGLISH, INDONESIAN = "Which products look like this?", "Produk mana yang mirip dengan ini?"


def choose_language(page: Page, language: str) -> None:
    page.get_by_role("button", name=re.compile("Language: EN|Bahasa: ID")).click()
    page.get_by_role("menuitem", name=language).click()


def test_an_indonesian_browser_gets_an_indonesian_page_and_a_chosen_language_keeps_the_matches_and_survives_a_reload(
    server, indonesian: Page, shop_csv: Path
) -> None:
    indonesian.goto(server.url)
    expect(indonesian.get_by_role("heading", level=1)).to_have_text(INDONESIAN)
    expect(indonesian.locator("html")).to_have_attribute("lang", "id")
    expect(indonesian).to_have_title("Cari | Kalcare")

    upload(indonesian, shop_csv.parent / "coffee-2.jpg")
    matches = indonesian.locator(".st-key-cards_search .kc-card")
    expect(matches.first).to_contain_text("Product coffee-2")
    expect(indonesian.get_by_text("16 produk dibandingkan dalam")).to_be_visible()
    choose_language(indonesian, "English")
    expect(indonesian.get_by_role("heading", level=1)).to_have_text(ENGLISH)
    expect(indonesian.locator("html")).to_have_attribute("lang", "en")
    expect(matches.first).to_contain_text("Product coffee-2")
    expect(matches).to_have_count(NUM_MATCHES)
    expect(indonesian.get_by_text("16 products compared in")).to_be_visible()
    indonesian.get_by_role("link", name="Catalogue").click()
    expect(indonesian.get_by_role("heading", level=1)).to_have_text("Catalogue")
    indonesian.reload()
    expect(indonesian.get_by_role("heading", level=1)).to_have_text("Catalogue")
    expect(indonesian.locator("html")).to_have_attribute("lang", "en")


def test_the_language_is_chosen_with_the_keyboard_alone_and_a_backbone_that_is_not_ready_stays_chosen(
    server, page: Page
) -> None:
    page.goto(server.url)
    choose_option(page, "Backbone", "VGG16 (not ready)")
    expect(page.get_by_role("heading", name="VGG16 is not ready")).to_be_visible()
    page.get_by_role("button", name="Language: EN").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_be_focused()
    page.keyboard.press("i")
    expect(page.get_by_role("menuitem", name="Indonesia")).to_have_attribute("data-focused", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(INDONESIAN)
    expect(page.get_by_role("heading", name="VGG16 belum siap")).to_be_visible()
    page.get_by_role("button", name="Pilih acak").click()
    expect(page.get_by_role("heading", name="VGG16 belum siap")).to_be_visible()
