"""The memory of a process that serves for weeks: collected while nobody waits, and given back to the system.

Streamlit collects all garbage after every run of a script, with the interpreter held: a quarter of the work with six
visitors. `.streamlit/config.toml` turns that off; `tidy_when_idle` is what does it instead.
"""

import ctypes
import gc
import platform
import time
from collections.abc import Callable
from threading import Thread

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # the numbers of glibc's <malloc.h>
_NUM_ARENAS = 2  # glibc takes eight a core, and each keeps what was freed in it
_OWN_MAPPING_BYTES = 2**23  # a larger block goes back to the system at once; at 1 MB searches pay a quarter more CPU

_YOUNG, _YOUNG_ROUNDS = 20_000, 20  # objects; Python's 700 and 10 have each page collected several times

_LOOK_SECONDS = 2.0
_IDLE_SHARE = 0.1  # of one core
_WORTH_SECONDS = 0.5  # so much work leaves something to collect
_LONGEST_SECONDS = 10.0  # fifty visitors never let it rest, and half of what they take was freed already


def limit_arenas() -> None:
    """Have malloc keep less of what is freed; to be called before threads are started. Does nothing without glibc."""
    if (libc := _glibc()) is not None:
        libc.mallopt(_ARENA_MAX, _NUM_ARENAS)
        libc.mallopt(_MMAP_THRESHOLD, _OWN_MAPPING_BYTES)


def tidy_when_idle(drop: Callable[[], int] = lambda: 0) -> None:
    """Spare what is loaded now from every later collection, collect young objects less often, and all when idle.

    `drop` lets go of what is not needed any more, and tells how much that was.
    """
    tidy()
    gc.freeze()
    gc.set_threshold(_YOUNG, _YOUNG_ROUNDS)
    Thread(target=_tidy_for_ever, args=(drop,), name="tidying", daemon=True).start()


def tidy() -> None:
    """Collect all garbage, and give what is free back to the system."""
    gc.collect()
    give_back()


def give_back() -> None:
    """Give back to the system what malloc keeps of what was freed. Does nothing without glibc."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


class IdleWatch:
    """Tells when to tidy: after work, once the process rests. Both give seconds; `work` those computed."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, work: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._work = clock, work
        self._time, self._worked = clock(), work()
        self._tidied = self._worked
        self._is_owed = False
        self._given_back_at, self._given_back = self._time, self._worked

    def owe(self) -> None:
        """Have it be time once the process rests, however little was done."""
        self._is_owed = True

    def is_time(self) -> bool:
        """Whether next to nothing was done since this was last asked, and enough since it was last time."""
        now, worked = self._clock(), self._work()
        is_idle = worked - self._worked < _IDLE_SHARE * (now - self._time)
        self._time, self._worked = now, worked
        if not is_idle or (worked - self._tidied < _WORTH_SECONDS and not self._is_owed):
            return False
        self._tidied, self._is_owed = worked, False
        return True

    def is_overdue(self) -> bool:
        """Whether much was done since this was last so, and ten seconds have passed, rest or no rest."""
        now, worked = self._clock(), self._work()
        if now - self._given_back_at < _LONGEST_SECONDS or worked - self._given_back < _WORTH_SECONDS:
            return False
        self._given_back_at, self._given_back = now, worked
        return True


def _tidy_for_ever(drop: Callable[[], int]) -> None:
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
