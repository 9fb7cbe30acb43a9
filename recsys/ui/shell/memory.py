"""The memory of a process that runs for weeks: garbage is collected in idle moments, and freed memory returned.

Streamlit collects all garbage after every run of a script, while holding the interpreter: a quarter of the work with
six visitors. `.streamlit/config.toml` turns that off; `tidy_when_idle` replaces it.
"""

import ctypes
import gc
import platform
import time
from collections.abc import Callable
from threading import Thread

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # the numbers of glibc's <malloc.h>
_NUM_ARENAS = 2  # glibc creates eight per core, and each keeps what was freed in it
_OWN_MAPPING_BYTES = 2**23  # larger blocks are returned at once; with 1 MB, searches cost a quarter more CPU

_YOUNG, _YOUNG_ROUNDS = 20_000, 20  # objects; Python's 700 and 10 cause several collections per page

_LOOK_SECONDS = 2.0
_IDLE_SHARE = 0.1  # of one core
_WORTH_SECONDS = 0.5  # this much work leaves something to collect
_LONGEST_SECONDS = 10.0  # fifty visitors leave no idle moment, and half of the memory they take is already free


def limit_arenas() -> None:
    """Make malloc keep less freed memory; call it before threads start. Does nothing without glibc."""
    if (libc := _glibc()) is not None:
        libc.mallopt(_ARENA_MAX, _NUM_ARENAS)
        libc.mallopt(_MMAP_THRESHOLD, _OWN_MAPPING_BYTES)


def tidy_when_idle(drop: Callable[[], int] = lambda: 0) -> None:
    """Exempt everything loaded so far from garbage collection, collect young objects less often, and all when idle.

    `drop` releases what is no longer needed, and returns how much that was.
    """
    tidy()
    gc.freeze()
    gc.set_threshold(_YOUNG, _YOUNG_ROUNDS)
    Thread(target=_keep_tidy, args=(drop,), name="tidying", daemon=True).start()


def tidy() -> None:
    """Collect all garbage, and return free memory to the system."""
    gc.collect()
    give_back()


def give_back() -> None:
    """Return memory that malloc has kept to the system. Does nothing without glibc."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


class IdleWatch:
    """Tells when to tidy: after work, once the process is idle. Times are in seconds; `work` is CPU time."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, work: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._work = clock, work
        self._time, self._worked = clock(), work()
        self._tidied = self._worked
        self._is_owed = False
        self._given_back_at, self._given_back = self._time, self._worked

    def owe(self) -> None:
        """Request tidying at the next idle moment, however little was done."""
        self._is_owed = True

    def is_time(self) -> bool:
        """Whether next to nothing was done since the last call, and enough since the last tidying."""
        now, worked = self._clock(), self._work()
        is_idle = worked - self._worked < _IDLE_SHARE * (now - self._time)
        self._time, self._worked = now, worked
        if not is_idle or (worked - self._tidied < _WORTH_SECONDS and not self._is_owed):
            return False
        self._tidied, self._is_owed = worked, False
        return True

    def is_overdue(self) -> bool:
        """Whether much was done since the last time, and ten seconds have passed, idle or not."""
        now, worked = self._clock(), self._work()
        if now - self._given_back_at < _LONGEST_SECONDS or worked - self._given_back < _WORTH_SECONDS:
            return False
        self._given_back_at, self._given_back = now, worked
        return True


def _keep_tidy(drop: Callable[[], int]) -> None:
    watch = IdleWatch()
    while True:
        time.sleep(_LOOK_SECONDS)
        if drop():
            watch.owe()
        if watch.is_time():
            tidy()
        elif watch.is_overdue():
            give_back()


def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
