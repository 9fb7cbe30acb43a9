"""New processes with nothing else in memory, and how much memory that is."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_peak = 0.0


def in_new_process(work: Callable[[], T]) -> T:
    """The result of `work` in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_watched, work).result()


def anonymous_megabytes(*, peak: bool = False) -> float:
    """This process's memory without mapped files; with `peak`, the maximum so far."""
    return max(_peak, _now()) if peak else _now()


def _watched(work: Callable[[], T]) -> T:
    ended = Event()

    def watch() -> None:
        global _peak  # noqa: PLW0603  # of the process
        while not ended.wait(0.05):
            _peak = max(_peak, _now())

    watcher = Thread(target=watch)
    watcher.start()
    try:
        return work()
    finally:
        ended.set()
        watcher.join()


def _now() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1000
    raise OSError("Expected RssAnon in /proc/self/status, found none.")
