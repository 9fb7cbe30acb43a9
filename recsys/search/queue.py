"""The queue of searches: a few at a time, first come first served, so that fifty visitors are answered in turn."""

import heapq
from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from threading import Condition, Thread
from typing import Any, TypeVar

T = TypeVar("T")
_Waiting = tuple[int, int, "Future[Any]", Callable[[], Any], Callable[[], bool]]


class SearchQueue:
    """Runs pieces of work on at most `at_once` threads, earliest arrival first.

    A search has several pieces: encoding a photo and comparing it. All have the arrival of the first, so they go before
    searches that came later. Work is skipped if it is cancelled, or no longer wanted, before its turn.
    """

    def __init__(self, at_once: int) -> None:
        self._arrivals, self._numbers = count(1), count()
        self._waiting: list[_Waiting] = []  # a heap: the earliest arrival first, then in the order of submission
        self._changed = Condition()
        for number in range(at_once):
            Thread(target=self._serve, name=f"searching-{number}", daemon=True).start()

    def arrive(self) -> int:
        """Take a place in the queue for all pieces of one search."""
        return next(self._arrivals)

    def submit(
        self, work: Callable[[], T], *, arrival: int, is_wanted: Callable[[], bool] = lambda: True
    ) -> "Future[T]":
        """Queue a piece of work; it is cancelled if it is no longer wanted (`is_wanted`) when its turn comes."""
        future: Future[T] = Future()
        with self._changed:
            heapq.heappush(self._waiting, (arrival, next(self._numbers), future, work, is_wanted))
            self._changed.notify()
        return future

    def num_ahead(self, arrival: int) -> int:
        """The number of earlier searches that are still waiting, without those already running."""
        with self._changed:
            return len({one[0] for one in self._waiting if one[0] < arrival and not one[2].cancelled()})

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                _, _, future, work, is_wanted = heapq.heappop(self._waiting)
            if not is_wanted():
                future.cancel()
            if future.set_running_or_notify_cancel():
                _do(work, future)
            del future, work, is_wanted  # do not hold on to the visitor's result until the next search


def _do(work: Callable[[], T], future: "Future[T]") -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001  # the caller who waits for it gets the error
        future.set_exception(error)
    else:
        future.set_result(result)
