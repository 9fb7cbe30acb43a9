"""The app on the demo shop: server start to first page, photo to results, memory after a search."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import psutil
from playwright.sync_api import Browser, Page

from benchmarks.server import environment_of, running_app
from benchmarks.timing import Verdict, at_most
from tests.browser.chromium import chromium_path, launched_chromium

NUM_STARTS, NUM_WARM_UP = 5, 2
MEGABYTE = 2**20

_RESTS = "document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')"

# The browser's own clock: when the message with the photo leaves, and when five new cards have been painted.
_STOPWATCH = """
const send = WebSocket.prototype.send
WebSocket.prototype.send = function (data) {
  const isPhoto = (data.byteLength ?? data.size ?? data.length) > 20_000
  if (isPhoto) window.watch = { sent: performance.now(), old: pictures() }
  return send.call(this, data)
}
const pictures = () => [...document.querySelectorAll('.st-key-cards_search .kc-card img')].map((image) => image.src)
const areOthers = (now) => now.length === 5 && now.every((picture, place) => picture !== window.watch.old[place])
new MutationObserver(() => {
  const { watch } = window
  if (!watch || watch.seen || !areOthers(pictures())) return
  watch.seen = true
  requestAnimationFrame(() => setTimeout(() => (watch.shown = performance.now())))
}).observe(document, { attributes: true, childList: true, subtree: true })
"""


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    path = chromium_path()
    if path is None:
        yield "not measured: Chromium is not installed"
        return
    home = Path(os.environ.get("RECSYS_HOME", "data"))
    with launched_chromium(path) as browser, tempfile.TemporaryDirectory() as empty:
        if not (home / "cache" / "catalogue.json").is_file():
            home = Path(empty)
            subprocess.run([sys.executable, "-m", "recsys", "demo"], env=environment_of(home), check=True)
        visits = [_visit(browser, home) for _ in range(NUM_STARTS)]
        with running_app(home) as (address, _):
            uploads = _uploads(browser, address, home)
    headings, starts, searches, private, loaded = zip(*visits, strict=True)
    yield f"server start to the page's heading: {median(headings):.2f} s"
    yield f"first search of a visit, as seen in the browser: {median(searches) * 1000:.0f} ms"
    what = "photo received by the server to results, seen in the browser"
    yield at_most(300, "ms").line(f"{what}, median of {len(uploads)}", median(uploads))
    complete = "server start to the first page, complete in a browser that never saw it"
    yield at_most(3, "s").line(complete, median(starts))
    yield at_most(500, "MB").line("private memory after a search", max(private))
    yield f"TensorFlow mapped into the app's process: {'yes' if any(loaded) else 'no'}"


def _visit(browser: Browser, home: Path) -> tuple[float, float, float, float, bool]:
    """Start the app, open it, search once: seconds to heading, page and matches, MB, whether TensorFlow is loaded."""
    started = perf_counter()
    with running_app(home) as (address, process):
        page = browser.new_page(bypass_csp=True)
        page.goto(address)
        page.get_by_role("heading").first.wait_for()
        heading = perf_counter() - started
        surprise = page.get_by_role("button", name="Surprise me")
        surprise.wait_for()
        first_page = perf_counter() - started
        started = perf_counter()
        surprise.click()
        page.locator(".st-key-cards_search .kc-card").nth(4).wait_for()
        first_search = perf_counter() - started
        page.close()
        memory = psutil.Process(process.pid).memory_full_info().uss / MEGABYTE
        return heading, first_page, first_search, memory, _has_tensorflow(process.pid)


def _uploads(browser: Browser, address: str, home: Path) -> list[float]:
    """For each photo, the milliseconds from sending it until its five cards are painted, all in one tab.

    The first searches warm up the server and the browser, and are not counted.
    """
    photos = sorted((home / "cache/demo/samples").glob("*.jpg"))
    with browser.new_context(bypass_csp=True) as context:
        context.add_init_script(_STOPWATCH)
        page = context.new_page()
        page.goto(address)
        page.locator(".st-key-search_welcome button").first.wait_for()
        return [_upload(page, photo) for photo in photos][NUM_WARM_UP:]


def _upload(page: Page, photo: Path) -> float:
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_RESTS)
    page.locator("input[type=file]").set_input_files(photo)
    page.wait_for_function("window.watch?.shown > 0")
    duration: float = page.evaluate("window.watch.shown - window.watch.sent")
    page.evaluate("window.watch = undefined")
    return duration


def _has_tensorflow(pid: int) -> bool:
    return any("/site-packages/tensorflow/" in mapped.path for mapped in psutil.Process(pid).memory_maps())
