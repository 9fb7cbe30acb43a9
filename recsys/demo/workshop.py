"""Pictures drawn by all cores, each file written atomically."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from embeddings.files import atomic_write
from recsys.errors import CatalogueError

BATCH = 12


class Picture(Protocol):
    """Something that can be drawn; it travels to another process, so it is plain data."""

    def jpeg(self) -> bytes:
        """The picture's file."""


@dataclass(frozen=True)
class Task:
    """A picture and where it goes."""

    path: Path
    picture: Picture


class Workshop:
    """`workers` processes, which start when there is much to draw and end with the block."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _become_worker)

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def make(self, tasks: Sequence[Task], report: Callable[[int], None]) -> None:
        """Draw the pictures; `report` gets the number done since it was last called.

        The pictures do not depend on the number of workers. Raises CatalogueError when a worker dies.
        """
        if self._workers == 1 or len(tasks) <= BATCH:
            for task in tasks:
                _make((task,))
                report(1)
            return
        batches = [tuple(tasks[start : start + BATCH]) for start in range(0, len(tasks), BATCH)]
        try:
            for done in as_completed([self._pool.submit(_make, batch) for batch in batches]):
                report(done.result())
        except BrokenProcessPool:
            raise CatalogueError(
                "Expected every process that draws the demo shop to finish, one was ended from outside "
                "(out of memory?): run it again, it continues where it stopped."
            ) from None


def _make(batch: tuple[Task, ...]) -> int:
    for task in batch:
        with atomic_write(task.path, sync=False) as file:
            file.write(task.picture.jpeg())
    return len(batch)


def _become_worker() -> None:
    """Leave Ctrl-C to the parent, and end when the parent ends, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
