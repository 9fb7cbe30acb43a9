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

_LOOK_SECONDS = 2.0
_IDLE_SHARE = 0.1  # of one core
_WORTH_SECONDS = 0.5  # so much work leaves something to collect
_LONGEST_SECONDS = 60.0  # with fifty visitors a process never rests: what they leave would only grow


def limit_arenas() -> None:
    """Have malloc keep less of what is freed; to be called before threads are started. Does nothing without glibc."""
    if (libc := _glibc()) is not None:
        libc.mallopt(_ARENA_MAX, _NUM_ARENAS)
        libc.mallopt(_MMAP_THRESHOLD, _OWN_MAPPING_BYTES)


def tidy_when_idle(drop: Callable[[], int] = lambda: 0) -> None:
    """Spare what is loaded now from every later collection, and collect in a thread whenever the process is idle.

    `drop` lets go of what is not needed any more, and tells how much that was.
    """
    tidy()
    gc.freeze()
    Thread(target=_tidy_for_ever, args=(drop,), name="tidying", daemon=True).start()


def tidy() -> None:
    """Collect all garbage, and give what is free back to the system."""
    gc.collect()
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


class IdleWatch:
    """Tells when to tidy: after work, once the process rests, or a minute later.

    Both give seconds; `work` those computed.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, work: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._work = clock, work
        self._time, self._worked = clock(), work()
        self._tidied, self._tidied_at = self._worked, self._time
        self._is_owed = False

    def owe(self) -> None:
        """Have it be time once the process rests, however little was done."""
        self._is_owed = True

    def is_time(self) -> bool:
        """Whether next to nothing was done since this was last asked, or a minute passed, and enough since then."""
        now, worked = self._clock(), self._work()
        is_idle = worked - self._worked < _IDLE_SHARE * (now - self._time)
        self._time, self._worked = now, worked
        is_overdue = now - self._tidied_at > _LONGEST_SECONDS
        if not (is_idle or is_overdue) or (worked - self._tidied < _WORTH_SECONDS and not self._is_owed):
            return False
        self._tidied, self._tidied_at, self._is_owed = worked, now, False
        return True


def _tidy_for_ever(drop: Callable[[], int]) -> None:
    watch = IdleWatch()
    while True:
        time.sleep(_LOOK_SECONDS)
        if drop():
            watch.owe()
        if watch.is_time():
            tidy()


def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
