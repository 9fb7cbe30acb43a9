"""Values made once per version of their source, however many threads ask at once."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

from embeddings.errors import KalcareError

T = TypeVar("T")


class Versioned:
    """The latest version of each value, by key. Safe to share between threads.

    A thread that asks for a value that another thread is making waits for it; other keys do not wait. A known error is
    stored like a value: asking for the same version again raises it again, without another try.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Hashable, Future[Any]]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, version: Hashable, make: Callable[[], T]) -> T:
        """The value of `key` in this version; made by `make`, which may raise, unless it exists already."""
        with self._lock:
            kept = self._kept.get(key)
            is_new = kept is None or kept[0] != version
            if kept is None or is_new:
                kept = self._kept[key] = (version, Future())
        value: Future[T] = kept[1]
        if is_new:
            self._make(key, value, make)
        if error := value.exception():
            raise error.with_traceback(None)  # otherwise its traceback grows each time it is raised
        return value.result()

    def failure(self, key: Hashable, version: Hashable) -> KalcareError | None:
        """The error of making this version; None if there was none, or it was not tried."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or kept[0] != version or not kept[1].done():
            return None
        error = kept[1].exception()
        return error if isinstance(error, KalcareError) else None

    def _make(self, key: Hashable, value: Future[Any], make: Callable[[], Any]) -> None:
        try:
            value.set_result(make())
        except KalcareError as error:
            value.set_exception(error)
        except BaseException as error:  # waiting threads must not hang, and the next caller tries again
            value.set_exception(error)
            with self._lock:
                self._kept.pop(key, None)
            raise
