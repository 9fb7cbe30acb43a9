"""The system's Chromium, driven through Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first draws no windows: a visit takes a tenth less CPU."""
PLAIN_HOST = "shop.example"
"""Another name for this machine, which browsers do not consider secure, unlike localhost."""

_SWITCHES = (
    "no-sandbox",
    "disable-gpu",
    "disable-background-networking",
    "disable-component-update",
    "no-first-run",
    "js-flags=--no-maglev --no-turbofan --min-semi-space-size=32",  # a visit is too short for optimised code to pay
    "process-per-site",  # tabs of the app share a process and its compiled scripts
    "use-fake-ui-for-media-stream",  # a camera that shows a test picture, and needs no consent
    "use-fake-device-for-media-stream",
    f"host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1",
)


def chromium_path() -> str | None:
    """Where Chromium is, or None where it is not installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched_chromium(path: str) -> Iterator[Browser]:
    """Run a headless Chromium while the block runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[f"--{switch}" for switch in _SWITCHES])
        yield browser
        browser.close()
