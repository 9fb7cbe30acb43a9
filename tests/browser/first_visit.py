"""A first visit to a running app: `python -m tests.browser.first_visit ADDRESS [SCREENSHOT.png]`.

The search page must show, and a sample photo must find five products.
"""

import sys

from playwright.sync_api import expect

from recsys.num_matches import NUM_MATCHES
from tests.browser.chromium import NAMES, chromium_path, launched_chromium
from tests.browser.widgets import wait_until

PATIENCE_MS = 60_000


def visit(address: str, screenshot: str | None) -> None:
    """Visit the app; raises AssertionError if it does not show what it should."""
    path = chromium_path()
    if path is None:
        print(f"The page was not opened: none of {', '.join(NAMES)} is installed.")
        return
    expect.set_options(timeout=PATIENCE_MS)
    with launched_chromium(path) as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 860})
        page.goto(address)
        expect(page.get_by_role("heading", name="Which products look like this?")).to_be_visible()
        page.locator(".st-key-search_welcome button").first.click()
        expect(page.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)
        wait_until(page, "[...document.querySelectorAll('.kc-card img')].every(img => img.naturalWidth > 0)")
        print("The first visit shows the search page, and a sample photo gives five products.")
        if screenshot:
            page.mouse.move(0, 0)
            page.wait_for_timeout(1000)
            page.screenshot(path=screenshot)


if __name__ == "__main__":
    visit(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
