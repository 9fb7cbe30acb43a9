"""The order of the matches and why they are similar, in a visitor's browser."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from embeddings.imaging.photos import encode_jpeg
from tests.browser.accessibility import settle, violations
from tests.browser.apps import Server
from tests.browser.widgets import upload, wait_until


def test_a_match_is_explained_the_order_is_chosen_and_a_photo_of_nothing_is_said_to_be_far(
    server_below_a_path: Server, shop_csv: Path, page: Page, tmp_path: Path
) -> None:
    page.goto(server_below_a_path.url)
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
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    page.get_by_role("radio", name="As in the study").click()
    expect(first).not_to_contain_text("Same product")
    expect(first).to_contain_text("Product coffee-2")

    page.get_by_role("radio", name="Closer look").click()
    expect(first).to_contain_text("Same product")
    wall = np.random.default_rng(0).normal(200, 4, (300, 300, 3)).clip(0, 255).astype(np.uint8)
    (tmp_path / "wall.jpg").write_bytes(encode_jpeg(wall, quality=90))
    upload(page, tmp_path / "wall.jpg")
    expect(page.get_by_role("heading", name="The closest we have")).to_be_visible()
    settle(page)
    assert violations(page) == []
