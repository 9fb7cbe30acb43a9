"""The rows of a shared store as they are written: a file for each batch, by whichever machine made it.

Nobody reads a file before one machine has committed it, together with others. One that nobody commits, as its writer
was killed, is removed by Lance after a week.
"""

import time
import zlib
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from embeddings.features.lance_engine import as_matrix, engine, refusals_named
from embeddings.features.store import Records, Written, identity_text
from embeddings.models.compiled import NetworkIdentity


def write_rows(uri: str, identity: NetworkIdentity, precision: str, records: Records) -> Written:
    """Write some rows, (n,), beside a dataset; what is returned says where, for whoever commits them."""
    with refusals_named(uri):
        dataset = _opened(uri)
        from lance.fragment import write_fragments  # noqa: PLC0415  # after `engine`

        return Written(len(records), write_fragments(table_of(identity, precision, records), dataset))


@lru_cache(maxsize=2)
def _opened(uri: str) -> Any:
    """A dataset as it was once: what is written to it depends on its columns alone."""
    return engine().dataset(uri)


def table_of(identity: NetworkIdentity, precision: str, records: Records) -> Any:
    """Rows, (n,), as a table; the last column has a checksum of each."""
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
    """Rows of a table as records, (n,), and which of them are what was written."""
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


def join_files(uri: str, task: Any) -> Any:
    """Write the rows of some files as one, which takes their place once what is returned is committed."""
    with refusals_named(uri):
        return task.execute(engine().dataset(uri, version=task.read_version))
