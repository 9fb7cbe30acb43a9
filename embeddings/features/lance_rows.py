"""Writing the rows of a shared store: one file per batch, from any machine.

Nobody reads a file until one machine has committed it, together with others. Lance removes files that were never
committed, because their writer was killed, after a week.
"""

import time
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pyarrow as pa

from embeddings.features.lance_engine import (
    LANCES,
    as_matrix,
    change,
    engine,
    is_conflict,
    open_at,
    place_of,
    refusals_named,
)
from embeddings.features.store import Records, Spread, Written, identity_text, passed_on
from embeddings.models.compiled import NetworkIdentity

_ROWS_A_FILE = 4096  # files of this size are not merged, so a checked file stays as it is


class LanceRows:
    """A dataset of rows at an address, such as `s3://bucket/shop/vectors/rows.lance`. Safe to share between threads."""

    def __init__(self, uri: str, dtype: np.dtype[Any]) -> None:
        self._uri, self._is_bucket, self._dtype = uri, "://" in uri, dtype

    def now(self) -> Any:
        """The current rows; None if there are none."""
        return open_at(self._uri)

    def at(self, version: int) -> Any:
        """The rows of an earlier version."""
        return open_at(self._uri, version)

    def created(self) -> Any:
        """The current rows; the dataset is created if missing."""
        empty = _table(NetworkIdentity("", "", ""), "", np.empty(0, self._dtype))
        while (rows := self.now()) is None:
            change(self._uri, lambda: self.now() or engine().write_dataset(empty, self._uri, mode="create"))
        return rows

    def writer(self) -> Callable[[NetworkIdentity, str, Records], Written]:
        """A writer for any machine if this is a bucket; rows for a folder, which nodes may lack, are passed on."""
        self.created()
        return partial(write_rows, self._uri) if self._is_bucket else passed_on

    def commit(self, written: Sequence[Written]) -> None:
        """Commit written rows, and write rows that were passed on: all of them, or none."""
        self.created()
        here = [write_rows(self._uri, *one.content) for one in written if isinstance(one.content, tuple)]
        there = [one for one in written if not isinstance(one.content, tuple)]
        fragments = [fragment for one in (*there, *here) for fragment in one.content]

        def append() -> None:
            rows = self.created()
            rows.commit(rows, engine().LanceOperation.Append(fragments), read_version=rows.version)

        change(self._uri, append)

    def join_files(self, spread: Spread) -> None:
        """Merge files that are small, or that lost many rows, into larger ones."""
        rows = self.created()
        with refusals_named(place_of(self._uri)):
            from lance.optimize import Compaction  # noqa: PLC0415  # after `engine`

            plan = Compaction.plan(rows, {"target_rows_per_fragment": _ROWS_A_FILE})
            joined = list((spread if self._is_bucket else map)(partial(_join, self._uri), plan.tasks))
            try:
                Compaction.commit(rows, joined)
            except LANCES as error:
                if not is_conflict(error):
                    raise  # otherwise another writer has changed these files, and will merge them on publishing


def write_rows(uri: str, identity: NetworkIdentity, precision: str, records: Records) -> Written:
    """Write some rows, (n,), as a file; return where, for the machine that commits them."""
    with refusals_named(place_of(uri)):
        dataset = _opened_once(uri)
        from lance.fragment import write_fragments  # noqa: PLC0415  # after `engine`

        return Written(len(records), write_fragments(_table(identity, precision, records), dataset))


@lru_cache(maxsize=2)
def _opened_once(uri: str) -> Any:
    """A dataset in an earlier state: new rows depend on its columns only."""
    return engine().dataset(uri)


def _join(uri: str, task: Any) -> Any:
    """Write the rows of some files as one file, which replaces them once the result is committed."""
    with refusals_named(place_of(uri)):
        return task.execute(engine().dataset(uri, version=task.read_version))


def _table(identity: NetworkIdentity, precision: str, records: Records) -> Any:
    """Rows, (n,), as a table; the last column has their checksums."""
    content = records.view(np.uint8).reshape(len(records), records.dtype.itemsize)
    start = records.dtype["key"].itemsize + records.dtype["vector"].itemsize
    vectors = pa.array(records["vector"].ravel())
    columns = {
        "maker": pa.array([identity_text(identity)] * len(records), pa.string()),
        "precision": pa.array([precision] * len(records), pa.string()),
        "written": pa.array([time.time_ns()] * len(records), pa.int64()),
        "key": pa.array([key.decode() for key in records["key"].tolist()], pa.string()),
        "vector": pa.FixedSizeListArray.from_arrays(vectors, records.dtype["vector"].shape[0]),
        "content": pa.array([row[start:].tobytes() for row in content], pa.large_binary()),
        "checksum": pa.array([zlib.crc32(row.data) for row in content], pa.int64()),
    }
    return pa.table(columns)


def records_of(rows: Any, dtype: np.dtype[Any]) -> tuple[Records, list[bool]]:
    """Rows of a table as records, (n,), and which of them are as written."""
    records = np.zeros(len(rows), dtype)
    records["key"] = rows["key"].to_pylist()
    records["vector"] = as_matrix(rows["vector"], dtype["vector"].shape[0])
    content = records.view(np.uint8).reshape(len(records), dtype.itemsize)
    size = dtype.itemsize - dtype["key"].itemsize - dtype["vector"].itemsize
    sound = []
    for row, kept, checksum in zip(content, rows["content"].to_pylist(), rows["checksum"].to_pylist(), strict=True):
        is_whole = len(kept) == size
        if is_whole:
            row[len(row) - size :] = np.frombuffer(kept, np.uint8)
        sound.append(is_whole and zlib.crc32(row.data) == checksum)
    return records, sound
