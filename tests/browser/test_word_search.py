from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES
from tests.browser.accessibility import settle, violations
from tests.browser.conftest import SHOP_PAGE
from tests.browser.test_languages import ENGLISH, INDONESIAN, choose_language
from tests.browser.widgets import choose_option, close_list, upload


def by_words(page: Page):
    return page.locator(".st-key-cards_words .kc-card")


def by_photo(page: Page):
    return page.locator(".st-key-cards_search .kc-card")


def type_words(page: Page, words: str) -> None:
    box = page.get_by_role("searchbox", name="Search by words")
    box.fill(words)
    box.press("Enter")


def test_going_back_from_a_product_shows_the_results_before_it_filters_narrow_both_searches_and_words_the_other(
    server, page: Page, shop_csv
) -> None:
    page.goto(server.url)
    upload(page, shop_csv.parent / "coffee-2.jpg")
    expect(by_photo(page).first).to_contain_text("Product coffee-2")
    page.get_by_role("button", name="More like this").nth(1).click()
    expect(page.locator(".kc-product")).to_be_visible()
    page.go_back()
    expect(page.locator(".kc-product")).to_have_count(0)
    expect(by_photo(page).first).to_contain_text("Product coffee-2")
    page.go_forward()
    expect(page.locator(".kc-product")).to_be_visible()
    page.go_back()
    expect(page.locator(".kc-product")).to_have_count(0)
    expect(by_photo(page)).to_have_count(NUM_MATCHES)

    type_words(page, "product")
    expect(by_words(page)).to_have_count(10)
    page.get_by_text("Filters", exact=True).click()
    choose_option(page, "Category", "rocket")
    expect(by_words(page)).to_have_count(4)
    expect(by_photo(page)).to_have_count(4)
    close_list(page)
    expect(page.get_by_text("Filters (1)")).to_be_visible()
    page.get_by_role("button", name="Remove all filters").click()
    expect(by_words(page)).to_have_count(10)
    expect(by_photo(page)).to_have_count(NUM_MATCHES)
    type_words(page, "products")  # the browser has forgotten them, too
    expect(page.get_by_role("heading", name="for “products”")).to_be_visible()
    expect(by_words(page)).to_have_count(10)

    type_words(page, "rocket")
    expect(by_words(page)).to_have_count(4)
    page.get_by_text("Only within the results for “rocket”").click()
    expect(by_photo(page)).to_have_count(4)
    expect(page.get_by_text("4 products compared in")).to_be_visible()
    assert all("rocket" in text for text in by_photo(page).all_inner_texts())


def test_a_product_s_link_is_shared_and_opens_it_in_its_reader_s_language_with_more_like_it_and_a_link_to_the_shop(
    server, page: Page, indonesian: Page
) -> None:
    page.goto(server.url)
    type_words(page, "rocket-3")
    by_words(page).first.wait_for()
    page.get_by_role("button", name="More like this").first.click()
    expect(page.get_by_role("heading", name="Product rocket-3", level=2)).to_be_visible()
    page.get_by_role("button", name="Share").click()
    link = page.get_by_test_id("stCode").inner_text()
    assert link == f"{server.url}/?product=rocket-3"
    settle(page)
    assert violations(page) == []
    page.keyboard.press("Escape")
    choose_language(page, "Indonesia")
    expect(page.get_by_role("heading", level=1)).to_have_text(INDONESIAN)
    expect(by_photo(page)).to_have_count(NUM_MATCHES)
    assert "lang" not in page.url
    indonesian.goto(link)
    expect(indonesian.get_by_role("heading", name="Product rocket-3", level=2)).to_be_visible()
    expect(indonesian.get_by_role("heading", name="Produk serupa")).to_be_visible()
    expect(by_photo(indonesian)).to_have_count(NUM_MATCHES)
    expect(indonesian.locator(".kc-product img")).to_have_js_property("complete", True)
    assert indonesian.locator(".kc-product img").evaluate("img => img.naturalWidth") > 240
    choose_language(indonesian, "English")
    expect(indonesian.get_by_role("heading", level=1)).to_have_text(ENGLISH)
    shop_link = indonesian.get_by_role("link", name="See it in the shop")
    expect(shop_link).to_have_attribute("href", SHOP_PAGE)
    expect(shop_link).to_have_attribute("target", "_blank")
    assert set((shop_link.get_attribute("rel") or "").split()) & {"noopener", "noreferrer"}  # cannot reach back
