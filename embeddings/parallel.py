"""The machine's cores: our threads share them, and numpy uses only the calling thread."""

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
    """Keep numpy's matrix products in the calling thread, in this process.

    Each visitor's search has its own thread. With numpy's threads on top, searches wait for each other, and the network
    waits for cores on which OpenBLAS spins: with four visitors at once, half as many photos per second were answered.
    """
    threadpool_limits(1, user_api="blas")


@cache
def threads() -> ThreadPoolExecutor:
    """The threads that help the thread that searches, one per core."""
    return ThreadPoolExecutor(CORES, thread_name_prefix="cores")


def on_all_cores(work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """Do the work for each of the parts, at least one, and return the results in order.

    The caller does the first part itself, which is quicker than waking a thread. Raises what the work raises.
    """
    others = [threads().submit(work, part) for part in parts[1:]]
    return [work(parts[0]), *(other.result() for other in others)]
