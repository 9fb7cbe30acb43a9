"""The widgets of the pages, used as a person would."""

from pathlib import Path

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TooLate

_TRIES = 10


def choose_option(page: Page, box: str, option: str) -> None:
    """Choose from a drop-down list. A page that moves closes an open list again: a person then opens it once more."""
    combobox, wanted = page.get_by_role("combobox", name=box), page.get_by_role("option", name=option)
    for _ in range(_TRIES):
        if combobox.get_attribute("aria-expanded") != "true":
            combobox.click()
        try:
            wanted.click(timeout=2_000)
        except TooLate:
            continue
        return
    raise AssertionError(f"Expected a list with {option!r} below {box!r}, got none that stayed open.")


def upload(page: Page, photo: Path) -> None:
    """Choose a file, once the photo input listens."""
    page.locator(".intake.ready input[type=file]").set_input_files(photo)
