"""The vector index of a shared store: finds the nearest vectors without comparing all of them.

A Lance dataset of a version's pictures, with the index that Lance calls IVF_RQ: lists of neighbours, and for each
vector a few bits per number (RaBitQ, Gao and Long 2024, doi:10.1145/3654970). These select twice as many as requested,
and the vectors themselves decide among them. The machine that publishes builds the index on its own disk and sends the
files to the address; machines that read copy them. Files never change: the next version sends only new ones.
"""

import math
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.features.addressed_files import AddressedFiles
from embeddings.features.key_places import KeyPlaces
from embeddings.features.lance_engine import LANCES, as_matrix, engine, refusals_named
from embeddings.features.reduction import Reduction, learned_reduction
from embeddings.features.store import ROUNDING, Matrix, Rows, damaged
from embeddings.files import file_checksum

LEAST_ROWS = 256  # too few to determine the directions of the reduction

_NUM_RECALLED, _NUM_ASKED = 64, 256
_LISTS_LOOKED_AT, _TIMES_AS_MANY = 40, 2
_TIMES_ASKED = 1.5  # times the rows expected to contain enough allowed ones
_IN_MEMORY = 1 << 27  # bytes of lists and file metadata cached, per open index
_OUTGROWN, _MOST_GONE = 4, 0.2  # rebuild the lists at this many times the rows, or without this share of them
_BLOCK_ROWS = 8192
_FOLDER, _DATASET, _REDUCTION = "index", "vectors.lance", "reduction.npz"
_OF_NO_USE = "latest_version_hint.json"  # rewritten in place, and not needed


@dataclass(frozen=True)
class IndexVersion:
    """A version's index: its files, each with its CRC-32, and the number of rows that its lists were made for.

    `recall` is the share of exact search's 64 nearest that it finds.
    """

    number: str
    files: dict[str, int]
    num_trained: int
    recall: float


class LanceIndex:
    """An open index. Safe to share between threads.

    It has one row per picture, in its own order, with the picture's vector, reduced if there is a `reduction`; a query
    vector is reduced likewise.
    """

    def __init__(self, folder: Path) -> None:
        self.reduction = _kept_reduction(folder)
        self._dataset = engine().dataset(
            str(folder / _DATASET), index_cache_size_bytes=_IN_MEMORY, metadata_cache_size_bytes=_IN_MEMORY
        )
        keys, ids = [np.empty(0, "S64")], [np.empty(0, np.uint64)]
        for batch in self._dataset.scanner(columns=["key"], with_row_id=True).to_reader():
            keys.append(np.array(batch["key"].to_pylist(), "S64"))
            ids.append(batch["_rowid"].to_numpy())
        self._places, self._ids = KeyPlaces(np.concatenate(keys)), np.concatenate(ids)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def image_keys(self) -> list[str]:
        """The pictures of all rows, sorted by key."""
        return self._places.keys

    def places(self, image_keys: Sequence[str]) -> Rows:
        """The row of each picture, -1 if there is none: (len(image_keys),)."""
        return self._places.of(image_keys)

    def nearest(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, Matrix]:
        """About the `k` rows nearest to a unit vector, and their vectors: (k,) and (k, dim), or all if there are fewer.

        `allowed`, (n,), says which rows are compared; None means all.
        """
        count = len(self) if allowed is None else int(allowed.sum())
        if allowed is None or count == len(self):
            return self._found(vector, k)
        if 3 * count > len(self):  # passing a list takes longer than finding more
            rows, vectors = self._found(vector, math.ceil(_TIMES_ASKED * k * len(self) / count))
            if len(places := np.flatnonzero(allowed[rows])) >= k:
                return rows[places[:k]], vectors[places[:k]]
        lists = math.ceil(_LISTS_LOOKED_AT * len(self) / max(1, count))  # enough for as many allowed rows
        return self._found(vector, k, most_lists=lists, **self._mask(allowed))

    def _found(
        self, vector: NDArray[np.float32], k: int, *, most_lists: int = _LISTS_LOOKED_AT, **mask: bytes
    ) -> tuple[Rows, Matrix]:
        """The rows nearest to a unit vector in at most this many lists, and their vectors."""
        nearest = {"column": "vector", "q": vector, "k": k, "refine_factor": _TIMES_AS_MANY}
        nearest |= {"minimum_nprobes": _LISTS_LOOKED_AT, "maximum_nprobes": most_lists}
        with refusals_named(self._dataset.uri):
            found = self._dataset.scanner(
                columns=["vector", "_distance"], with_row_id=True, nearest=nearest, **mask
            ).to_table()
        return np.searchsorted(self._ids, found["_rowid"].to_numpy()), as_matrix(found["vector"], len(vector))

    def _mask(self, allowed: NDArray[np.bool_]) -> dict[str, bytes]:
        """Lance's mask for the `allowed` rows, (n,): a list of them or of the others, whichever is shorter."""
        is_short = 2 * allowed.sum() < len(allowed)
        ids = self._ids[allowed if is_short else ~allowed]
        from lance.dataset import serialize_row_addrs  # noqa: PLC0415  # after `engine`

        return {"row_addr_allowlist" if is_short else "row_addr_blocklist": serialize_row_addrs(ids.tolist())}

    def vectors(self, rows: Rows) -> Matrix:
        """The vectors of some rows: (len(rows), dim)."""
        different, places = np.unique(rows, return_inverse=True)
        with refusals_named(self._dataset.uri):
            found = self._dataset.take(different.tolist(), columns=["vector"])
        return as_matrix(found["vector"], self._dim)[places]

    def similarities(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Every row's dot product with a vector: (n,). Reads all vectors."""
        return np.concatenate([np.empty(0, np.float32), *(block @ vector for block in self.blocks())])

    def blocks(self) -> Iterator[Matrix]:
        """All vectors, in blocks."""
        with refusals_named(self._dataset.uri):
            for batch in self._dataset.scanner(columns=["vector"], batch_size=_BLOCK_ROWS).to_reader():
                yield as_matrix(batch["vector"], self._dim)

    @property
    def _dim(self) -> int:
        return int(self._dataset.schema.field("vector").type.list_size)


class IndexCopies:
    """The indexes of a store's versions: files at its address, and copies of the last two in a local folder."""

    def __init__(self, files: AddressedFiles, folder: Path, kind: str, *, is_reduced: bool) -> None:
        self._files, self._folder, self._kind, self._is_reduced = files, folder, kind, is_reduced

    def open(self, version: IndexVersion) -> LanceIndex:
        """Open the index of a version; missing files are copied first. Raises VectorsError if it is damaged."""
        folder = self._path(version.number)
        for name, checksum in version.files.items():
            if file_checksum(folder / name) != checksum:
                self._copy(folder, name, checksum)
        self._keep_two(folder)
        return LanceIndex(folder)

    def _copy(self, folder: Path, name: str, checksum: int) -> None:
        """Copy a file of an index here, or link it from another index's local copy."""
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for other in self._paths():
            if file_checksum(other / name) == checksum:
                with suppress(FileExistsError):
                    path.unlink(missing_ok=True)
                    path.hardlink_to(other / name)
                return
        self._files.fetch(_named(name, checksum), path)
        if file_checksum(path) != checksum:
            raise damaged(path, "not what was published")

    def built(
        self, number: str, before: IndexVersion | None, image_keys: Sequence[str], matrix: Matrix
    ) -> IndexVersion:
        """Build the index of a version with these pictures' vectors, from the previous one if possible; send it."""
        rows = {key: row for row, key in reversed(list(enumerate(image_keys)))}
        old = self._to_extend(before, rows)
        folder = self._path(number)
        if before is None or old is None:
            self._build(folder, rows, matrix)
        else:
            self._extend(folder, self._path(before.number), old, rows, matrix)
        engine().dataset(str(folder / _DATASET)).cleanup_old_versions(timedelta(0))
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != _OF_NO_USE]
        files = {str(path.relative_to(folder)): file_checksum(path) or 0 for path in paths}
        there = self._files.found(_FOLDER)
        for name, checksum in files.items():
            if _named(name, checksum) not in there:
                with (folder / name).open("rb") as file:
                    self._files.send(file, _named(name, checksum))
        self._keep_two(folder)
        num_trained = before.num_trained if before is not None and old is not None else len(rows)
        return IndexVersion(number, files, num_trained, measured_recall(LanceIndex(folder)))

    def tidy(self, versions: Sequence[IndexVersion], older_than: timedelta) -> None:
        """Remove files that these versions do not need from the address, unless they are new."""
        needed = {_named(name, checksum) for version in versions for name, checksum in version.files.items()}
        latest = time.time_ns() - older_than.total_seconds() * 1e9
        for name, (_, written) in self._files.found(_FOLDER).items():
            if name not in needed and written < latest:
                self._files.remove(name)

    def _to_extend(self, before: IndexVersion | None, rows: dict[str, int]) -> set[str] | None:
        """The pictures of the previous index if it can be extended; None if a new one must be built."""
        if before is None or len(rows) > _OUTGROWN * before.num_trained:
            return None
        try:
            old = set(self.open(before).image_keys)
        except (VectorsError, *LANCES):  # lost or damaged
            return None
        return old if len(old - rows.keys()) <= _MOST_GONE * len(old) else None

    def _build(self, folder: Path, rows: dict[str, int], matrix: Matrix) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        reduction = None
        if self._is_reduced:
            reduction = learned_reduction(matrix, np.array(list(rows.values()), np.int64))
            np.savez(folder / _REDUCTION, mean=reduction.mean, projection=reduction.projection)
        dataset = engine().write_dataset(_batches(rows, matrix, reduction), str(folder / _DATASET))
        dataset.create_index("vector", "IVF_RQ", metric="dot")

    def _extend(self, folder: Path, before: Path, old: set[str], rows: dict[str, int], matrix: Matrix) -> None:
        """Add new rows to the previous index, and remove deleted ones."""
        ignored = shutil.ignore_patterns(_OF_NO_USE)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(before, folder, ignore=ignored, copy_function=os.link)
        dataset = engine().dataset(str(folder / _DATASET))
        gone = sorted(old - rows.keys())
        if gone:
            dataset.delete(f"key in ({', '.join(repr(key) for key in gone)})")
        new = {key: row for key, row in rows.items() if key not in old}
        if new:
            batches = _batches(new, matrix, _kept_reduction(folder))
            engine().write_dataset(batches, str(folder / _DATASET), mode="append")
            engine().dataset(str(folder / _DATASET)).optimize.optimize_indices()

    def _path(self, number: str) -> Path:
        return self._folder / f"{self._kind}-{number}.index"

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._kind}-*.index"), key=lambda path: path.stat().st_mtime)

    def _keep_two(self, used: Path) -> None:
        """Remove all local copies but the two used last, including the current one."""
        used.touch()
        for path in self._paths()[:-2]:
            shutil.rmtree(path, ignore_errors=True)


def measured_recall(index: LanceIndex) -> float:
    """The share that an index finds of the 64 rows nearest to some of its own rows, always the same ones."""
    count = min(_NUM_RECALLED, len(index))
    asked = np.random.default_rng(0).choice(len(index), min(_NUM_ASKED, len(index)), replace=False)
    vectors = index.vectors(asked)
    best = np.full((len(vectors), count), -np.inf, np.float32)  # similarities
    for block in index.blocks():
        best = np.partition(np.concatenate([best, vectors @ block.T], axis=1), -count, axis=1)[:, -count:]
    least = best.min(axis=1) - ROUNDING
    found = [index.nearest(vector, count)[1] @ vector for vector in vectors]
    return float(np.mean([(similar >= enough).sum() / count for similar, enough in zip(found, least, strict=True)]))


def _batches(rows: dict[str, int], matrix: Matrix, reduction: Reduction | None) -> Any:
    """The pictures and their rows of a matrix, as a reader of batches."""
    dim = matrix.shape[1] if reduction is None else reduction.projection.shape[1]
    schema = pa.schema({"key": pa.string(), "vector": pa.list_(pa.float32(), dim)})
    keys, places = list(rows), np.array(list(rows.values()), np.int64)

    def batches() -> Iterator[Any]:
        for start in range(0, len(keys), _BLOCK_ROWS):
            block = matrix[places[start : start + _BLOCK_ROWS]]
            vectors = block if reduction is None else reduction.reduced(block)
            column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dim)
            yield pa.record_batch([pa.array(keys[start : start + _BLOCK_ROWS]), column], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _kept_reduction(folder: Path) -> Reduction | None:
    if not (folder / _REDUCTION).is_file():
        return None
    with np.load(folder / _REDUCTION) as kept:
        return Reduction(kept["mean"], kept["projection"])


def _named(name: str, checksum: int) -> str:
    """The name of an index's file at the address: different content has a different name."""
    return f"{_FOLDER}/{name}.{checksum:08x}"
