import re

from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES
from tests.browser.widgets import choose_option, upload

ENGLISH, INDONESIAN = "Which products look like this?", "Produk mana yang mirip dengan ini?"


def choose(page: Page, language: str) -> None:
    page.get_by_role("button", name=re.compile("Language: EN|Bahasa: ID")).click()
    page.get_by_role("menuitem", name=language).click()


def test_an_indonesian_browser_gets_an_indonesian_page_and_a_chosen_language_survives_other_pages_and_a_reload(
    server, indonesian: Page
) -> None:
    indonesian.goto(server.url)
    expect(indonesian.get_by_role("heading", level=1)).to_have_text(INDONESIAN)
    expect(indonesian.locator("html")).to_have_attribute("lang", "id")
    expect(indonesian).to_have_title("Cari | Kalcare")

    choose(indonesian, "English")
    expect(indonesian.get_by_role("heading", level=1)).to_have_text(ENGLISH)
    expect(indonesian.locator("html")).to_have_attribute("lang", "en")
    indonesian.get_by_role("link", name="Catalogue").click()
    expect(indonesian.get_by_role("heading", level=1)).to_have_text("Catalogue")
    indonesian.reload()
    expect(indonesian.get_by_role("heading", level=1)).to_have_text("Catalogue")
    expect(indonesian.locator("html")).to_have_attribute("lang", "en")


def test_the_language_is_chosen_with_the_keyboard_alone(server, page: Page) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Language: EN").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Indonesia")).to_have_attribute("data-focused", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(INDONESIAN)


def test_a_shared_link_opens_in_its_reader_s_language(server, page: Page, indonesian: Page) -> None:
    page.goto(f"{server.url}/?product=coffee-2")
    choose(page, "Indonesia")
    expect(page.get_by_role("heading", level=1)).to_have_text(INDONESIAN)
    indonesian.goto(page.url)
    choose(indonesian, "English")
    expect(indonesian.get_by_role("heading", level=1)).to_have_text(ENGLISH)
    expect(page.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)
    assert "lang" not in page.url


def test_switching_the_language_keeps_the_photo_the_matches_and_the_backbone(server, page: Page, shop_csv) -> None:
    page.goto(server.url)
    upload(page, shop_csv.parent / "coffee-2.jpg")
    expect(page.locator(".st-key-cards_search .kc-card").first).to_contain_text("Product coffee-2")
    choose(page, "Indonesia")
    expect(page.get_by_role("heading", level=1)).to_have_text(INDONESIAN)
    expect(page.locator(".st-key-cards_search .kc-card").first).to_contain_text("Product coffee-2")
    expect(page.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)
    expect(page.get_by_text("16 produk dibandingkan dalam")).to_be_visible()


def test_a_backbone_that_is_not_ready_stays_chosen_when_the_language_changes(server, page: Page) -> None:
    page.goto(server.url)
    choose_option(page, "Backbone", "VGG16 (not ready)")
    expect(page.get_by_role("heading", name="VGG16 is not ready")).to_be_visible()
    choose(page, "Indonesia")
    expect(page.get_by_role("heading", name="VGG16 belum siap")).to_be_visible()
    page.get_by_role("button", name="Pilih acak").click()
    expect(page.get_by_role("heading", name="VGG16 belum siap")).to_be_visible()
