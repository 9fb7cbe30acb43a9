"""One memory budget for all pictures that are being decoded, first come, first served."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from embeddings.errors import PhotoError, PhotoProblem


class DecodingBudget:
    """Bytes that several threads may use at once; each waits until earlier ones have theirs."""

    def __init__(self, num_bytes: int, *, patience_seconds: float = 60) -> None:
        self.num_bytes = num_bytes
        self._patience_seconds = patience_seconds
        self._free = num_bytes
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def spend(self, num_bytes: int) -> Iterator[None]:
        """Reserve bytes for the duration of the block. Raises PhotoError if they are not free in time."""
        held = min(num_bytes, self.num_bytes)
        self._take(held)
        try:
            yield
        finally:
            with self._changed:
                self._free += held
                self._changed.notify_all()

    def _take(self, num_bytes: int) -> None:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                if not self._changed.wait_for(
                    lambda: self._queue[0] is ticket and self._free >= num_bytes, self._patience_seconds
                ):
                    raise PhotoError(
                        "Expected fewer large pictures at the same time: try again in a minute.",
                        problem=PhotoProblem.BUSY,
                    )
                self._free -= num_bytes
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()


_SMALL = 64_000_000
_FOR_SMALL, _FOR_LARGE = DecodingBudget(160_000_000), DecodingBudget(512_000_000)


def budget_for(num_bytes: int) -> DecodingBudget:
    """The process's budget for pictures of this cost: a phone's photo does not wait behind huge ones."""
    return _FOR_SMALL if num_bytes <= _SMALL else _FOR_LARGE
