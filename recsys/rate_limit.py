"""How often somebody may do what costs others something."""

from collections import deque
from threading import Lock
from time import monotonic

from cachetools import TTLCache

_MAX_KEYS = 100_000  # beyond them who has been quiet longest is forgotten


class RateLimit:
    """At most `times` within any `seconds`, for each key: a browser, an address.

    Kept in this process's memory, for `seconds`; a clock that is set changes nothing. Threads may share it.
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
        """Count once more for the key, if it has room; tell whether it had."""
        with self._lock:
            if not self._has_room(key):
                return False
            taken = self._taken.get(key) or deque(maxlen=self._times)
            taken.append(monotonic())
            self._taken[key] = taken  # put in anew: it is kept from the last time on
            return True

    def _has_room(self, key: str) -> bool:
        taken = self._taken.get(key)
        return not taken or len(taken) < self._times or monotonic() - taken[0] > self._seconds
