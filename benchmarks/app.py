"""The app on the demo shop: from server start to the first page, and its memory after a search."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import httpx
import psutil
from playwright.sync_api import Browser

from benchmarks.timing import at_most
from tests.browser.chromium import chromium_path, launched_chromium

NUM_STARTS = 5
MEGABYTE = 2**20


def run() -> Iterator[str]:
    """Yield the lines of the report."""
    path = chromium_path()
    if path is None:
        yield "not measured: Chromium is not installed"
        return
    home = Path(os.environ.get("RECSYS_HOME", "data"))
    with launched_chromium(path) as browser, tempfile.TemporaryDirectory() as empty:
        if not (home / "cache" / "catalogue.json").is_file():
            home = Path(empty)
            subprocess.run([sys.executable, "-m", "recsys", "demo"], env=_environment(home), check=True)
        visits = [_visit(browser, home) for _ in range(NUM_STARTS)]
    headings, starts, searches, private, loaded = zip(*visits, strict=True)
    yield f"server start to the page's heading: {median(headings):.2f} s"
    yield f"first search of a visit, seen in the browser: {median(searches) * 1000:.0f} ms"
    complete = "server start to the first page, complete in a browser that never saw it"
    yield at_most(3, "s").line(complete, median(starts))
    yield at_most(500, "MB").line("private memory after a search", max(private))
    yield f"TensorFlow mapped into the app's process: {'yes' if any(loaded) else 'no'}"


def _visit(browser: Browser, home: Path) -> tuple[float, float, float, float, bool]:
    """Start the app, open it, search once: seconds to heading, page and matches, MB, whether TensorFlow is loaded."""
    started = perf_counter()
    with _app(home) as (address, process):
        page = browser.new_page()
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


def _has_tensorflow(pid: int) -> bool:
    return any("/site-packages/tensorflow/" in mapped.path for mapped in psutil.Process(pid).memory_maps())


@contextmanager
def _app(home: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(command, env=_environment(home), stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            try:
                httpx.get(f"{address}/_stcore/health").raise_for_status()
                break
            except httpx.HTTPError:
                sleep(0.02)
        yield address, process
    finally:
        process.terminate()
        process.wait()


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "RECSYS_HOME": str(home)}
