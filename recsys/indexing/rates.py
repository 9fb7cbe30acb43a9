"""How fast pictures became rows, and what that was waited for: the part of the work that limits it."""

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
    """How many rows were made in how many seconds, and in how many of these each part was waited for."""

    count: int = 0
    seconds: float = 0.0
    waited: tuple[tuple[Part, float], ...] = ()

    @property
    def per_second(self) -> float:
        """Rows a second; 0.0 where none were made."""
        return self.count / self.seconds if self.count else 0.0

    @property
    def shares(self) -> dict[Part, float]:
        """Each part's share of the waiting, from 0 to 1, the largest first: that one limits the rate."""
        in_all = sum(seconds for _, seconds in self.waited) or 1.0
        return {part: seconds / in_all for part, seconds in sorted(self.waited, key=lambda one: -one[1])}


class Waits:
    """What one run waits for.

    Parts overlap: while its thread waits for the next picture, others read it or find its keypoints. Waiting for
    pictures is shared out to these two as these threads spend their time. `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._rows, self._pictures, self._stored = 0.0, 0.0, 0.0
        self._busy: dict[Part, float] = dict.fromkeys(Part, 0.0)
        self._lock = Lock()

    def for_rows(self, rows: Iterable[T]) -> Iterator[T]:
        """The rows, and how long they were waited for, that of their pictures included."""
        return self._timed(rows, "_rows")

    def for_pictures(self, pictures: Iterable[T]) -> Iterator[T]:
        """The pictures that are ready for the network, and how long they were waited for."""
        return self._timed(pictures, "_pictures")

    @contextmanager
    def storing(self) -> Iterator[None]:
        """The block stores rows."""
        started = self._clock()
        try:
            yield
        finally:
            self._stored += self._clock() - started

    @contextmanager
    def at(self, part: Part) -> Iterator[None]:
        """The block is a thread's, which gets a picture ready."""
        started = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._busy[part] += self._clock() - started

    def rate(self, count: int) -> Rate:
        """The rate at which that many rows were made and stored."""
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
