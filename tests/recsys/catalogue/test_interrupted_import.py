"""Imports that are killed or stopped, and the ones after them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from recsys.catalogue.image_downloads import DownloadLimits
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import catalogue_path, load_catalogue
from tests.recsys.catalogue.shop_server import ShopServer, answer, picture

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from recsys.catalogue.image_downloads import DownloadLimits
from recsys.catalogue.importer import import_catalogue
limits = DownloadLimits(allow_private=frozenset({"127.0.0.1"}))
import_catalogue(Path(sys.argv[1]), Path(sys.argv[2]), limits=limits)
"""
NUM_PRODUCTS = 30
NUM_SERVED = 12  # the rest hangs until the server is told


@pytest.fixture
def shop(server: ShopServer, write_csv: Callable[[Sequence[Sequence[str]]], Path]) -> Path:
    def hang(number: int) -> Callable[[BaseHTTPRequestHandler], None]:
        def respond(handler: BaseHTTPRequestHandler) -> None:
            server.stopped.wait(30)
            answer(picture(number))(handler)

        return respond

    rows = []
    for number in range(NUM_PRODUCTS):
        respond = answer(picture(number), ETag='"1"') if number < NUM_SERVED else hang(number)
        rows.append((str(number), f"Susu {number}", server.put(f"/{number}.jpg", respond)))
    return write_csv(rows)


@pytest.fixture
def importing(shop: Path, cache: Path, interruptible: None) -> Iterator[subprocess.Popen[str]]:
    """An import in a separate process that has stored the served pictures, and hangs."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, shop, cache], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while len(journaled(cache)) < NUM_SERVED and time.monotonic() < until:
        time.sleep(0.02)
    assert process.poll() is None
    yield process
    process.kill()
    process.communicate()


def journaled(cache: Path) -> list[str]:
    path = cache / "import.journal"
    lines = path.read_text().split("\n") if path.exists() else []
    return [json.loads(line)["image_url"] for line in lines if line]


def test_a_killed_import_continues_where_it_stopped(
    importing: subprocess.Popen[str], server: ShopServer, shop: Path, cache: Path
) -> None:
    importing.send_signal(signal.SIGKILL)
    importing.wait()
    kept = journaled(cache)
    assert len(kept) == NUM_SERVED
    assert not catalogue_path(cache).exists()

    server.stopped.set()
    with (cache / "import.journal").open("a") as file:
        file.write('\n{"image_url": "torn')
    (cache / "images" / "240" / ".half.jpg.part").write_bytes(b"left by the kill")
    report = import_catalogue(shop, cache, limits=DownloadLimits(allow_private=frozenset({"127.0.0.1"})))
    assert (report.imported, len(report.skipped)) == (NUM_PRODUCTS, 0)
    assert [server.count(url.removeprefix(server.url)) for url in kept] == [1] * NUM_SERVED
    assert len(load_catalogue(cache).products) == NUM_PRODUCTS
    assert not list(cache.rglob("*.part"))


def test_ctrl_c_stops_at_once_though_the_server_hangs(importing: subprocess.Popen[str], cache: Path) -> None:
    importing.send_signal(signal.SIGINT)
    _, errors = importing.communicate(timeout=9)  # an answer is waited for 10 seconds
    assert errors.strip().endswith("KeyboardInterrupt")
    assert len(journaled(cache)) == NUM_SERVED
    assert not catalogue_path(cache).exists()


def test_an_interrupt_during_progress_keeps_the_old_catalogue_and_the_journal(
    server: ShopServer,
    write_csv: Callable[[Sequence[Sequence[str]]], Path],
    cache: Path,
    limits: DownloadLimits,
) -> None:
    def interrupt(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    urls = [server.put(f"/{number}.jpg", answer(picture(number))) for number in range(6)]
    import_catalogue(write_csv([("0", "Susu", urls[0])]), cache, limits=limits)
    before = catalogue_path(cache).read_bytes()
    path = write_csv([(str(number), "Susu", url) for number, url in enumerate(urls)])
    with pytest.raises(KeyboardInterrupt):
        import_catalogue(path, cache, limits=limits, progress=interrupt)
    assert catalogue_path(cache).read_bytes() == before
    kept = journaled(cache)
    assert len(kept) >= 2
    report = import_catalogue(path, cache, limits=limits)
    assert (report.imported, report.unchanged) == (5, 1)
    assert [server.count(url.removeprefix(server.url)) for url in kept] == [1] * len(kept)


def test_a_picture_that_cannot_be_stored_ends_the_import(shop: Path, cache: Path) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n" + PROGRAM
    run = subprocess.run(
        [sys.executable, "-c", limited, shop, cache],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("recsys.errors.CatalogueError: Expected to write the catalogue")
    assert not catalogue_path(cache).exists()
    assert not list(cache.rglob("*.part"))
