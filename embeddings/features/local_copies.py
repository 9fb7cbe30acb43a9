"""A machine's copies of what it reads from a store that several machines share."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from embeddings.features.sqlite_store import SqliteStore
from embeddings.features.store import MappedMatrix, Records, Version
from embeddings.models.compiled import NetworkIdentity

_MOST_RECORDS = 20_000  # 1.1 GB of descriptions


class LocalCopies:
    """A version's matrix, and records as they are requested. Safe to share between threads and processes."""

    def __init__(self, folder: Path, kind: str, dtype: np.dtype[Any]) -> None:
        self.matrix = MappedMatrix(folder, kind)
        self._records = SqliteStore(folder, kind, dtype)
        self._copied: tuple[NetworkIdentity | None, set[str]] = None, set()
        self._lock = Lock()

    def read(
        self, version: Version, image_keys: Sequence[str], fetch: Callable[[Version, Sequence[str]], Records]
    ) -> Records:
        """The records of some pictures; missing ones are fetched, and stored if there is space."""
        with self._lock:
            copied = self._copied_of(version.identity)
            missing = [key for key in dict.fromkeys(image_keys) if key not in copied]
            fetched = fetch(version, missing)
            try:
                if missing:
                    self._records.write(version.identity, version.precision, fetched)
                    copied.update(missing)
                return self._records.read(version, image_keys)
            except OSError:
                return fetch(version, image_keys)

    def _copied_of(self, identity: NetworkIdentity) -> set[str]:
        """The pictures whose records by `identity` are copied here; if there are too many, copying starts over."""
        if len(self._copied[1]) > _MOST_RECORDS:
            self._records.clear()
        if self._copied[0] != identity or len(self._copied[1]) > _MOST_RECORDS:
            self._copied = identity, self._records.kept(identity)
        return self._copied[1]
