"""The pages' widgets, used like a person would."""

import time
from pathlib import Path

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooLate

_TRIES, _LOOKS = 10, 40
_PATIENCE_SECONDS = 60


def choose_option(page: Page, box: str, option: str) -> None:
    """Choose from a drop-down list. If the page moves, the list closes again, and a person opens it once more."""
    combobox, wanted = page.get_by_role("combobox", name=box), page.get_by_role("option", name=option)
    chosen = page.locator("[data-testid=stSelectbox], [data-testid=stMultiSelect]").filter(has=combobox)
    for _ in range(_TRIES):
        if combobox.get_attribute("aria-expanded") != "true":
            combobox.click()
        try:
            wanted.click(timeout=2_000)
        except TooLate:
            continue
        for _ in range(_LOOKS):
            if option in chosen.evaluate("box => box.innerText + box.querySelector('input').value"):
                return
            page.wait_for_timeout(50)
    raise AssertionError(f"Expected a list with {option!r} below {box!r}, got none that stayed open.")


def close_list(page: Page) -> None:
    """Close the open drop-down list: while it closes, it swallows the next click."""
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)


def upload(page: Page, photo: Path) -> None:
    """Choose a file, once the photo input is listening."""
    page.locator(".intake.ready input[type=file]").set_input_files(photo)


def wait_until(page: Page, expression: str) -> None:
    """Wait until an expression is true in the page; `wait_for_function` would need a policy that allows `eval`."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"Expected {expression} within {_PATIENCE_SECONDS} s."
        page.wait_for_timeout(50)
