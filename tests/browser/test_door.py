from playwright.sync_api import Page, expect

from tests.browser.accessibility import settle
from tests.browser.apps import Server

REPORT = "addEventListener('securitypolicyviolation', event => window.violations = [...(window.violations || []), \
`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`])"


def broken_rules(page: Page) -> list[str]:
    """Which rules for its content the page has broken, if `REPORT` was there before it."""
    page.wait_for_load_state("networkidle")
    broken: list[str] = page.evaluate("window.violations || []")
    return broken


def test_a_product_s_pages_break_none_of_their_own_rules(server: Server, page: Page) -> None:
    page.add_init_script(REPORT)
    page.goto(f"{server.url}/?product=coffee-1")
    settle(page)
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".kc-matches")).not_to_have_count(0)
    settle(page)
    assert broken_rules(page) == []
