from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES
from recsys.ui.styles import CARDS_ACROSS
from tests.browser.accessibility import settle, violations
from tests.browser.widgets import choose_option, close_list, upload, wait_until
from tests.hostile import HOSTILE


def cards(page: Page):
    return page.locator(".kc-card")


def matches(page: Page):
    return page.locator(".st-key-cards_search .kc-card")


def test_an_upload_gives_five_cards_whose_pictures_load_from_the_app_itself_and_axe_finds_nothing_with_an_open_camera(
    server, page: Page, shop_csv: Path
) -> None:
    hosts = set()
    page.on("request", lambda request: hosts.add(httpx.URL(request.url).host))
    page.goto(server.url)
    upload(page, shop_csv.parent / "coffee-2.jpg")
    expect(matches(page)).to_have_count(NUM_MATCHES)
    expect(matches(page).first).to_contain_text("Product coffee-2")
    expect(page.get_by_text("16 products compared in")).to_be_visible()
    wait_until(
        page, "[...document.querySelectorAll('.kc-card img, .st-key-query img')].every(img => img.naturalWidth > 0)"
    )
    assert all(alt for alt in page.locator("img").evaluate_all("images => images.map(image => image.alt)"))
    page.get_by_text("Set the frame with sliders").click()
    page.get_by_text("As EfficientNetLite0 sees it").click()
    expect(page.get_by_role("img", name="The photo as the network sees it")).to_be_visible()
    page.get_by_text("All 11 backbones").click()
    page.get_by_role("button", name="Camera").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    assert violations(page) == []
    assert hosts - {""} == {"127.0.0.1"}


def test_a_wrong_file_is_refused_with_the_reason_and_axe_finds_nothing_with_an_unready_backbone_either(
    server, page: Page, tmp_path: Path
) -> None:
    (tmp_path / "notes.jpg").write_text("not a picture")
    page.goto(server.url)
    upload(page, tmp_path / "notes.jpg")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Choose a JPEG, PNG, WebP, AVIF, GIF or HEIC file.")
    expect(matches(page)).to_have_count(0)
    choose_option(page, "Backbone", "VGG16")
    expect(page.get_by_role("heading", name="VGG16 is not ready")).to_be_visible()
    assert violations(page) == []


def test_an_address_of_no_page_is_refused_a_sample_is_chosen_by_key_and_a_random_product_is_left_out_of_its_matches(
    server, page: Page
) -> None:
    page.goto(f"{server.url}/photo_input")
    expect(page.get_by_role("dialog")).to_contain_text("Page not found")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    sample = page.get_by_role("button", name="A cup [x](javascript:alert(1)) of **coffee**")
    sample.focus()
    page.keyboard.press("Enter")
    expect(matches(page).first).to_contain_text("Product coffee-1")
    expect(page.locator(".st-key-query")).to_contain_text("A cup [x](javascript:alert(1)) of **coffee**")

    page.get_by_role("button", name="Surprise me").click()
    expect(page.locator(".st-key-more_like_this")).to_contain_text("left out of the matches")
    expect(page.get_by_text("15 products compared in")).to_be_visible()
    settle(page)
    expect(matches(page)).to_have_count(NUM_MATCHES)
    name = page.locator(".st-key-product_detail").get_by_role("heading").inner_text()
    assert name not in page.locator(".kc-name").all_inner_texts()


def test_a_catalogue_s_cards_fit_a_laptop_and_a_phone_show_the_shop_s_texts_as_text_and_lead_to_similar_products(
    server, page: Page
) -> None:
    page.goto(f"{server.url}/catalogue")
    expect(cards(page)).to_have_count(16)
    for width, across in ((390, 2), (1440, CARDS_ACROSS)):
        page.set_viewport_size({"width": width, "height": 900})
        boxes = page.locator("[class*=st-key-card_]").evaluate_all(
            "cards => cards.map(card => card.getBoundingClientRect()).map(({top, height}) => [top, height])"
        )
        first_row = [height for top, height in boxes if top == boxes[0][0]]
        assert len(first_row) == across
        assert max(first_row) - min(first_row) < 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(cards(page).nth(1).locator(".kc-name")).to_have_text(HOSTILE)
    page.locator(".st-key-card_catalogue_1").get_by_role("link", name="More like this").click()
    expect(page.locator(".st-key-product_detail").get_by_role("heading")).to_have_text(HOSTILE)
    expect(page).to_have_title("Search | Kalcare")
    assert page.locator("a[href^=javascript], img[src=x]").count() == 0
    page.go_back()
    expect(page).to_have_url(f"{server.url}/catalogue")
    expect(cards(page)).to_have_count(16)
    page.go_forward()
    expect(page.locator(".st-key-product_detail").get_by_role("heading")).to_have_text(HOSTILE)
    page.get_by_role("link", name="Catalogue").click()
    expect(cards(page)).to_have_count(16)
    choose_option(page, "Category", "rocket")
    expect(cards(page)).to_have_count(4)
    close_list(page)
    page.locator(".st-key-card_catalogue_2").get_by_role("link", name="More like this").click()
    expect(matches(page)).to_have_count(NUM_MATCHES)
    expect(page.locator(".st-key-product_detail")).to_contain_text("Product rocket-2")
    assert "Product rocket-2" not in page.locator(".kc-name").all_inner_texts()


def test_below_a_base_path_pictures_load_on_every_page_and_searching_continues_if_the_records_cannot_be_used(
    server_below_a_path, page: Page
) -> None:
    page.goto(f"{server_below_a_path.url}/?product=coffee-2")
    expect(matches(page)).to_have_count(NUM_MATCHES)
    loaded = "[...document.querySelectorAll('.kc-card img')].filter(img => img.naturalWidth > 0).length >= 5"
    wait_until(page, loaded)
    expect(page.get_by_text("Your ratings can't be saved right now.")).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.get_by_role("link", name="Catalogue").click()
    expect(cards(page)).to_have_count(16)
    wait_until(page, loaded)
    assert "that file is none" in server_below_a_path.log
    assert "Traceback" not in server_below_a_path.log


def test_a_crash_is_apologised_for_and_its_traceback_is_in_the_log_only(crashing_server, page: Page) -> None:
    page.goto(crashing_server.url)
    expect(page.get_by_test_id("stAlert")).to_contain_text("Sorry, something went wrong on our side.")
    assert "Traceback" in crashing_server.log
    assert "KeyError" in crashing_server.log
    assert "'a secret'" in crashing_server.log
    assert "secret" not in page.content()
    assert "Traceback" not in page.content()


def test_the_log_holds_no_traceback(server) -> None:
    assert "Traceback" not in server.log
