"""How fast pictures became rows, and what was waited for: the part of the work that limits the rate."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class Part(StrEnum):
    """A part of the work, as a sentence names it."""

    READING = "reading pictures"
    KEYPOINTS = "finding keypoints"
    NETWORK = "the network"
    STORING = "storing"


@dataclass(frozen=True)
class Rate:
    """How many rows were made in how many seconds, and how many of these were spent waiting for each part."""

    count: int = 0
    seconds: float = 0.0
    waited: tuple[tuple[Part, float], ...] = ()

    @property
    def per_second(self) -> float:
        """Rows per second; 0.0 if none were made."""
        return self.count / self.seconds if self.count else 0.0

    @property
    def shares(self) -> dict[Part, float]:
        """Each part's share of the waiting, from 0 to 1, the largest first: that part limits the rate."""
        in_all = sum(seconds for _, seconds in self.waited) or 1.0
        return {part: seconds / in_all for part, seconds in sorted(self.waited, key=lambda one: -one[1])}


class Waits:
    """The waiting times of one run.

    Parts overlap: while its thread waits for the next picture, others read it or find its keypoints. Waiting for
    pictures is split between these two in proportion to the time the threads spend on each. `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._rows, self._pictures, self._stored = 0.0, 0.0, 0.0
        self._busy: dict[Part, float] = dict.fromkeys(Part, 0.0)
        self._lock = Lock()

    def for_rows(self, rows: Iterable[T]) -> Iterator[T]:
        """Pass the rows through, timing the wait for them, including that for their pictures."""
        return self._timed(rows, "_rows")

    def for_pictures(self, pictures: Iterable[T]) -> Iterator[T]:
        """Pass the pictures for the network through, timing the wait for them."""
        return self._timed(pictures, "_pictures")

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Time the block, which stores rows."""
        started = self._clock()
        try:
            yield
        finally:
            self._stored += self._clock() - started

    @contextmanager
    def at(self, part: Part) -> Iterator[None]:
        """Time the block, in which a thread prepares a picture."""
        started = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._busy[part] += self._clock() - started

    def rate(self, count: int) -> Rate:
        """The rate at which this many rows were made and stored."""
        busy = sum(self._busy.values())
        waited = {part: self._pictures * seconds / busy for part, seconds in self._busy.items() if seconds}
        waited |= {Part.NETWORK: self._rows - self._pictures, Part.STORING: self._stored}
        return Rate(count, self._rows + self._stored, tuple(waited.items()))

    def _timed(self, values: Iterable[T], name: str) -> Iterator[T]:
        remaining = iter(values)
        while True:
            started = self._clock()
            try:
                value = next(remaining)
            except StopIteration:
                return
            finally:
                setattr(self, name, getattr(self, name) + self._clock() - started)
            yield value
