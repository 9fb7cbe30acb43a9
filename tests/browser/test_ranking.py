"""The order of the matches and why they are similar, in a visitor's browser."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.apps import Server
from tests.browser.widgets import upload, wait_until


def test_the_order_is_chosen_and_a_match_explained(described_server: Server, shop_csv: Path, page: Page) -> None:
    page.goto(described_server.url)
    upload(page, shop_csv.parent / "coffee-2.jpg")
    first = page.locator(".st-key-cards_search .kc-card").first
    expect(first).to_contain_text("Same product")
    expect(page.get_by_role("radio", name="Closer look")).to_be_checked()

    page.get_by_role("button", name="Why similar?").first.click()
    dialog = page.get_by_role("dialog", name="Why similar?")
    picture = dialog.get_by_role("img", name="side by side. ")
    expect(picture).to_be_visible()
    expect(dialog).to_contain_text("points of the print match.")
    wait_until(page, "document.querySelector('.st-key-why_similar img').naturalWidth > 600")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    page.get_by_role("radio", name="As in the study").click()
    expect(first).not_to_contain_text("Same product")
    expect(first).to_contain_text("Product coffee-2")
