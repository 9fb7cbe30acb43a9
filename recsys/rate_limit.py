"""Limits on how often somebody may do something that costs others."""

from collections import deque
from threading import Lock
from time import monotonic

from cachetools import TTLCache

_MAX_KEYS = 100_000  # above this, the least recently active are forgotten


class RateLimit:
    """At most `times` within any `seconds`, for each key: a browser, an address.

    Kept in this process's memory, for `seconds`; changing the system clock has no effect. Threads may share it.
    """

    def __init__(self, times: int, seconds: float) -> None:
        self._times, self._seconds = times, seconds
        self._taken: TTLCache[str, deque[float]] = TTLCache(_MAX_KEYS, seconds, timer=monotonic)
        self._lock = Lock()

    def has_room(self, key: str) -> bool:
        """Whether the key may do it once more now."""
        with self._lock:
            return self._has_room(key)

    def take(self, key: str) -> bool:
        """Count once more for the key, if it has room; return whether it had."""
        with self._lock:
            if not self._has_room(key):
                return False
            taken = self._taken.get(key) or deque(maxlen=self._times)
            taken.append(monotonic())
            self._taken[key] = taken  # reinserted: its time counts from the last use
            return True

    def _has_room(self, key: str) -> bool:
        taken = self._taken.get(key)
        return not taken or len(taken) < self._times or monotonic() - taken[0] > self._seconds
