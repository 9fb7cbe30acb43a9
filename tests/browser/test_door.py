from playwright.sync_api import Page

from tests.browser.accessibility import settle
from tests.browser.apps import Server

REPORT = "addEventListener('securitypolicyviolation', event => window.violations = [...(window.violations || []), \
`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`])"


def test_the_pages_break_none_of_their_own_rules(server: Server, page: Page) -> None:
    page.add_init_script(REPORT)
    found: dict[str, list[str]] = {}
    for path in ("?product=coffee-1", "catalogue", "compare?product=coffee-1", "survey", "usage"):
        page.goto(f"{server.url}/{path}")
        settle(page)
        page.wait_for_load_state("networkidle")
        violations = page.evaluate("window.violations || []")
        if violations:
            found[path] = violations
    assert found == {}
