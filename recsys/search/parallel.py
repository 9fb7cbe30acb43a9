"""Work shared between cores by threads of ours; numpy itself keeps to one, see `embeddings`."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

CORES = os.cpu_count() or 1
_THREADS = ThreadPoolExecutor(CORES, thread_name_prefix="cores")
T = TypeVar("T")
R = TypeVar("R")


def on_all_cores(work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """Do the work for each of the parts, at least one, and give the results in their order.

    The first is done by the caller itself, which is sooner than waking a thread. Raises what the work raises.
    """
    others = [_THREADS.submit(work, part) for part in parts[1:]]
    return [work(parts[0]), *(other.result() for other in others)]
