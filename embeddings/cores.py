"""The machine's cores: threads of ours share them, and numpy keeps to one."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from threadpoolctl import threadpool_limits

CORES = os.cpu_count() or 1
T = TypeVar("T")
R = TypeVar("R")


def keep_numpy_to_one_core() -> None:
    """Keep numpy's matrix products to the thread that asks for them, in this process.

    Each visitor's search has a thread of its own. With threads in numpy as well, searches wait for each other, and the
    network for cores on which OpenBLAS spins: with four visitors at once half as many photos a second were answered.
    """
    threadpool_limits(1, user_api="blas")


@cache
def threads() -> ThreadPoolExecutor:
    """The threads that do part of a search beside the one that asked for it, one a core."""
    return ThreadPoolExecutor(CORES, thread_name_prefix="cores")


def on_all_cores(work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """Do the work for each of the parts, at least one, and give the results in their order.

    The first is done by the caller itself, which is sooner than waking a thread. Raises what the work raises.
    """
    others = [threads().submit(work, part) for part in parts[1:]]
    return [work(parts[0]), *(other.result() for other in others)]
