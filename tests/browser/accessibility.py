"""Waiting for a page to be drawn, and axe's findings on it."""

from collections.abc import Sequence
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

_ALL_RULES: dict[str, object] = {"resultTypes": ["violations"]}
_COLOURS = {**_ALL_RULES, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
_FADED_IN = """
Promise.race([
  Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))),
  new Promise((resolve) => setTimeout(resolve, 1000)),
]).then(() => null)
"""
_FOUND = """
async (options) => (await axe.run(options)).violations.flatMap(({impact, help, nodes}) =>
  nodes.map(({html}) => `${impact}: ${help}: ${html.slice(0, 200)}`))
"""


def settle(page: Page) -> None:
    """Wait until the page is drawn, its components included, and its script has run."""
    expect(page.get_by_role("link", name="Compare")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator(":is(.intake, .crop):not(.ready)")).to_have_count(0)


def violations(page: Page, themes: Sequence[Theme] = THEMES) -> list[str]:
    """Axe's findings on the page as it is now, in each theme, one per line: a second theme has only other colours."""
    options = [_ALL_RULES, *[_COLOURS] * (len(themes) - 1)]
    return [line for theme, rules in zip(themes, options, strict=True) for line in _violations_in(theme, page, rules)]


def _violations_in(theme: Theme, page: Page, rules: dict[str, object]) -> list[str]:
    page.emulate_media(color_scheme=theme)
    expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", theme)
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    page.evaluate(_FADED_IN)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_FOUND, rules)
    return [f"{theme}, {line}" for line in found]
