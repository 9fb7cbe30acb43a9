"""Many visitors at once, over real websockets: each opens products and sends photos, and looks at the results.

A short run in `make bench`; by hand a longer one: `python -m benchmarks.load --visitors 50 --think 10 --minutes 30`.
"""

import argparse
import asyncio
import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep

import numpy as np
import psutil

from benchmarks.server import running_app
from benchmarks.tabs import FAILURES, Tab, opened_tab
from benchmarks.timing import Verdict, at_least, at_most
from recsys.catalogue.products import load_catalogue
from recsys.demo.growth import demo_folder
from recsys.feedback.sources import Source
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from recsys.ui.photo.query_photos import query_photo_of, read_query_photo

REST_SECONDS = 75  # longer than an abandoned session is kept
_CORES_MS = 270  # of CPU per page, on two cores: 50 visitors then wait 7 s


@dataclass(frozen=True)
class Crowd:
    """How many visitors come, how many pages each opens and at what average interval in seconds; or for how long.

    If they are `there` already, all have the page open before the first opens anything.
    """

    visitors: int
    pages: int = 3
    think: float = 0.0
    seconds: float = float("inf")
    there: bool = False


@dataclass
class Outcome:
    """When each page was requested and how long it took, what went wrong, and the CPU milliseconds of everything."""

    pages: list[tuple[float, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    app_cpu: float = 0.0
    client_cpu: float = 0.0

    def quantile(self, share: float, *, of: slice = slice(None)) -> float:
        """The time within which this share of the pages was complete."""
        times = sorted(taken for _, taken in sorted(self.pages)[of]) or [float("inf")]
        return times[min(len(times) - 1, int(share * len(times)))]

    @property
    def rate(self) -> float:
        return len(self.pages) / self.seconds


class Visitor:
    """Somebody with a tab: pages alternate between a product's and a photo of their own."""

    def __init__(self, number: int, crowd: Crowd, outcome: Outcome, product_ids: list[str], photos: list[Path]) -> None:
        self._random, self._crowd, self._outcome = random.Random(number), crowd, outcome
        self._product_ids, self._photos = product_ids, photos

    async def visit(self, address: str, tab: Tab | None = None) -> None:
        """Open the pages, in a tab that is open already or in a new one."""
        try:
            async with nullcontext(tab) if tab else opened_tab(address) as opened:
                await self._look(opened)
        except FAILURES as error:
            self._outcome.failures.append(f"{type(error).__name__}: {error}")

    async def _look(self, tab: Tab) -> None:
        started = perf_counter()
        for number in range(self._crowd.pages):
            if perf_counter() - started > self._crowd.seconds:
                break
            asked = perf_counter()
            self._outcome.failures += await self._next_page(tab, number)
            self._outcome.pages.append((asked, perf_counter() - asked))
            await asyncio.sleep(self._random.random() * 2 * self._crowd.think)

    async def _next_page(self, tab: Tab, number: int) -> list[str]:
        if number % 2 and self._photos:
            return await tab.send_photo(self._random.choice(self._photos).read_bytes())
        return await tab.show(f"product={self._random.choice(self._product_ids)}")


def drive(address: str, pid: int, crowd: Crowd, home: Path) -> Outcome:
    """Send the crowd to the app of process `pid`, all at the same moment."""
    outcome = Outcome()
    ids = [product.product_id for product in load_catalogue(home / "cache").products]
    photos = sorted((demo_folder(home / "cache") / "samples").glob("*.jpg"))
    visitors = [Visitor(number, crowd, outcome, ids, photos) for number in range(crowd.visitors)]

    async def come() -> None:
        async with AsyncExitStack() as opened:
            tabs = [await opened.enter_async_context(opened_tab(address)) if crowd.there else None for _ in visitors]
            started, app, client = perf_counter(), cpu_milliseconds(pid), process_time()
            await asyncio.gather(*(visitor.visit(address, tab) for visitor, tab in zip(visitors, tabs, strict=True)))
            outcome.seconds, outcome.app_cpu = perf_counter() - started, cpu_milliseconds(pid) - app
            outcome.client_cpu = (process_time() - client) * 1000

    asyncio.run(come())
    return outcome


def engine_alone(home: Path, *, visitors: int, searches: int) -> tuple[float, float]:
    """How many searches like the visitors' the default ranking does per second, with as many threads and no page.

    They alternate between a photo from its file, its barcode read, and a product. Also returns the CPU milliseconds of
    each.
    """
    recommender = Recommender(Settings(home=home))
    backbone = recommender.default_backbone()
    ranking, products = recommender.default_ranking(backbone), recommender.catalogue.products
    photos = sorted((demo_folder(home / "cache") / "samples").glob("*.jpg"))
    drawn = random.Random(0)

    def search(number: int) -> None:
        if number % 2:
            photo = read_query_photo(drawn.choice(photos).read_bytes(), origin=Source.UPLOAD)
        else:
            photo = query_photo_of(drawn.choice(products), home / "cache")
        query = recommender.encode(
            photo.encoder_input, backbone, rankings=[ranking], framed=photo.refined_input, kept_id=photo.kept_id
        )
        gtins = photo.gtins if recommender.engine.has_gtins else ()
        recommender.search(query, ranking=ranking, excluded_id=photo.product_id, gtins=gtins)

    for number in range(visitors):
        search(number)
    started, worked = perf_counter(), process_time()
    with ThreadPoolExecutor(visitors) as threads:
        list(threads.map(search, range(searches)))
    return searches / (perf_counter() - started), (process_time() - worked) / searches * 1000


def cpu_milliseconds(pid: int) -> float:
    """The CPU time that a process has used, in milliseconds."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system) * 1000


def anonymous_megabytes(pid: int) -> float:
    """Anonymous memory; if the system does not report it, the process's private memory."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if not rollup.exists():
        return float(psutil.Process(pid).memory_full_info().uss) / 2**20
    line = next(line for line in rollup.read_text().splitlines() if line.startswith("Anonymous:"))
    return int(line.split()[1]) / 1024


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    home = Path(os.environ.get("RECSYS_HOME", "data"))
    with running_app(home) as (address, process):
        come = partial(drive, address, process.pid, home=home)
        come(Crowd(1))
        memory = [anonymous_megabytes(process.pid)]
        one = come(Crowd(1, pages=8))
        eight = come(Crowd(8, pages=12, there=True))
        page_cpu, client_cpu = eight.app_cpu / len(eight.pages), eight.client_cpu / len(eight.pages)
        alone, alone_cpu = engine_alone(home, visitors=8, searches=96)
        fifty = come(Crowd(50))
        memory.append(anonymous_megabytes(process.pid))
        sleep(REST_SECONDS)
        memory.append(anonymous_megabytes(process.pid))
    for outcome, visitors in ((one, 1), (eight, 8), (fifty, 50)):
        yield _described(outcome, visitors)
    yield f"8 visitors' tabs, on the same cores: {client_cpu:.0f} ms of CPU per page"
    yield f"the engine alone, 8 threads: {alone:.1f} searches per second, {alone_cpu:.0f} ms of CPU each"
    yield at_most(_CORES_MS, "ms").line("CPU per page, 8 visitors", page_cpu)
    yield at_most(0.2, "s").line("one visitor, median page", median(taken for _, taken in one.pages))
    yield at_least(0.7).line("8 visitors relative to the engine alone", eight.rate / alone)
    yield at_least(0.7).line("the same by CPU time, less affected by other work", alone_cpu / page_cpu)
    yield at_most(7, "s").line("50 visitors at once, 95% of the pages", fifty.quantile(0.95))
    yield at_most(0, "failures").line("50 visitors at once", len(fifty.failures))
    yield at_most(350, "MB").line("anonymous memory after the first visitor", memory[0])
    yield at_most(600, "MB").line("anonymous memory after 50 visitors", memory[1])
    yield at_most(450, "MB").line(f"anonymous memory after a rest of {REST_SECONDS} s", memory[2])


def soak(crowd: Crowd) -> Iterator[str]:
    """Yield the report of a long run: its beginning against its end, and memory's slope."""
    home = Path(os.environ.get("RECSYS_HOME", "data"))
    with running_app(home) as (address, process), ThreadPoolExecutor(1) as thread:
        come = partial(drive, address, process.pid, home=home)
        come(Crowd(1))
        memory, seconds, driving = [], [], thread.submit(come, crowd)
        while not driving.done():
            memory.append(anonymous_megabytes(process.pid))
            seconds.append(perf_counter())
            sleep(1)
        sleep(REST_SECONDS)
        rested = anonymous_megabytes(process.pid)
    outcome, half = driving.result(), len(memory) // 2
    tenth = max(1, len(outcome.pages) // 10)
    yield _described(outcome, crowd.visitors)
    ends = [outcome.quantile(0.95, of=part) for part in (slice(tenth), slice(-tenth, None))]
    yield f"95% within {ends[0]:.2f} s in the first tenth, {ends[1]:.2f} s in the last"
    slope = np.polyfit(seconds[half:], memory[half:], 1)[0] * 60  # of the line through all points
    yield f"memory {memory[0]:.0f} MB, most {max(memory):.0f}, last {memory[-1]:.0f}; second half {slope:+.2f}/min"
    yield f"memory after a rest of {REST_SECONDS} s: {rested:.0f} MB"


def _described(outcome: Outcome, visitors: int) -> str:
    p50, p95, worst = (outcome.quantile(share) for share in (0.5, 0.95, 1.0))
    failures = f"{len(outcome.failures)} failures {sorted(set(outcome.failures))[:3] or ''}".strip()
    return (
        f"{visitors} visitors, {len(outcome.pages)} pages: {outcome.rate:.1f} a second, "
        f"p50 {p50:.2f} s, p95 {p95:.2f} s, slowest {worst:.2f} s, {failures}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="A soak: many visitors for many minutes.")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--think", type=float, default=10, help="seconds between two pages, on average")
    parser.add_argument("--minutes", type=float, default=30)
    chosen = parser.parse_args()
    crowd = Crowd(chosen.visitors, pages=10**9, think=chosen.think, seconds=chosen.minutes * 60)
    for line in soak(crowd):
        print(line)


if __name__ == "__main__":
    main()
