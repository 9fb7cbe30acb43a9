from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES
from tests.browser.apps import Server
from tests.browser.conftest import PATIENCE_MS
from tests.browser.widgets import choose_option
from tests.weights_mirror import Mirror


def matches(page: Page):
    return page.locator(".st-key-cards_search .kc-card")


def test_one_click_gets_a_backbone_ready_while_everybody_sees_it_and_searches_on_or_says_why_it_cannot(
    separate_server: Server, mirror: Mirror, page: Page, phone: Page
) -> None:
    app = separate_server
    mirror.gate.clear()
    page.goto(f"{app.url}/?product=coffee-2")
    expect(matches(page)).to_have_count(NUM_MATCHES)
    choose_option(page, "Backbone", "MobileNetV2")
    page.get_by_role("button", name="Get the weights (9 MB)").click()
    expect(page.get_by_text("Downloading the weights, ")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()

    phone.goto(f"{app.url}/?product=rocket-2")
    expect(matches(phone)).to_have_count(NUM_MATCHES)
    expect(phone.get_by_text("MobileNetV2: Downloading the weights, ")).to_be_visible()

    page.get_by_role("link", name="Catalogue").click()
    expect(page.get_by_role("heading", name="Catalogue")).to_be_visible()
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_text("Downloading the weights, ")).to_be_visible()

    mirror.gate.set()
    expect(phone.get_by_text("MobileNetV2 is ready")).to_be_visible(timeout=3 * PATIENCE_MS)  # for four seconds
    expect(matches(page)).to_have_count(NUM_MATCHES)  # without anybody touching the page
    expect(page.get_by_text("As MobileNetV2 sees it")).to_be_visible()
    expect(page.get_by_role("combobox", name="Backbone")).to_have_value("MobileNetV2")
    expect(phone.get_by_text("As EfficientNetLite0 sees it")).to_be_visible()

    choose_option(page, "Backbone", "VGG16")
    page.get_by_role("button", name="Get the weights (59 MB)").click()
    failure = page.locator("[class*='st-key-failure_']")
    expect(failure.get_by_role("heading")).to_have_text("VGG16 could not be made ready")
    expect(failure).to_contain_text("the server answered 404.")
    expect(failure).to_contain_text("Whoever runs this app can add a weights file for VGG16.")
    expect(failure.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert "Traceback" not in app.log
