"""Reading ahead: the next pictures are decoded on threads while a network runs."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from embeddings.parallel import CORES

_READ_AHEAD = 32

K = TypeVar("K")
V = TypeVar("V")


def read_ahead(keys: Iterable[K], read: Callable[[K], V]) -> Iterator[V]:
    """Yield the results of `read` for every key, in order; an error is raised when its turn comes."""
    with ThreadPoolExecutor(CORES) as pool:
        remaining = iter(keys)
        waiting: deque[Future[V]] = deque(pool.submit(read, key) for key in islice(remaining, _READ_AHEAD))
        while waiting:
            value = waiting.popleft().result()
            waiting.extend(pool.submit(read, key) for key in islice(remaining, 1))
            yield value
