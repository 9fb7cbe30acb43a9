"""A store in a folder or bucket that several machines share, as Lance datasets (`requirements-cluster.txt`).

`<address>/rows.lance` has a row a picture, `<address>/published.lance` one row that says which version of that is read.
Whoever reads one keeps it, whatever is written meanwhile. What a machine reads it copies: the
matrix of a version, and records as they are asked for.
"""

import json
import os
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from threading import RLock, Thread
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.features.addressed_files import AddressedFiles
from embeddings.features.sqlite_store import SqliteStore
from embeddings.features.store import MappedMatrix, Matrix, Records, Version, check_unit_vectors
from embeddings.files import atomic_write
from embeddings.models.compiled import NetworkIdentity

_READ_FOR = timedelta(hours=1)  # a version that was replaced can be read for so long
_REFUSALS = ("Generic S3 error", "No space left", "File too large", "Permission denied", "Connection refused")
_LANCES = (OSError, ValueError, RuntimeError)  # what it raises
_MOST_COPIES = 20_000  # records: 1.1 GB of descriptions
_ROWS_A_FILE = 4096  # files as large are joined with no other: what was read once to be checked stays as it is
_DATA = "rows.lance/data"
_TRIES, _TRY_SECONDS = 50, 0.05  # of two who change a dataset at the same moment one begins anew


class LanceStore:
    """The rows of one kind at an address; see `embeddings.features.store.Store`."""

    batch_rows = 64  # each batch is a file of its own until a version is published

    def __init__(self, address: str, copies: Path, dtype: np.dtype[Any], *, fresh_seconds: float = 5.0) -> None:
        """Keep rows at an address, such as `s3://bucket/shop/vectors`, and copies of them in a folder of this machine.

        For `fresh_seconds` the version that was seen is taken to be the newest. Raises VectorsError without the engine.
        """
        self.dtype = dtype
        self._engine, self._address = _engine(), address
        kind = address.rpartition("/")[2]
        self._mapped, self._copies = MappedMatrix(copies, kind), SqliteStore(copies, kind, dtype)
        self._files, self._checked = AddressedFiles(address), copies / f"{kind}-checked.json"
        self._unsound: set[str] | None = None
        self._copied: tuple[NetworkIdentity | None, set[str]] = None, set()
        self._fresh_seconds, self._looked, self._number = fresh_seconds, -float("inf"), ""
        self._lock = RLock()
        self._read_now: tuple[str, Any, dict[str, int]] = ("", None, {})  # a version's number, its rows, their places

    def number(self) -> str:
        """The number of the version that is published now, or was when it was last looked at.

        Nobody but the first waits for the address, which may be slow, or away; the last number stays where it is.
        """
        if not self._number or not self._fresh_seconds:
            self._look()
        elif time.monotonic() - self._looked > self._fresh_seconds:
            self._looked = time.monotonic()
            Thread(target=self._look, daemon=True).start()
        return self._number

    def _look(self) -> None:
        try:
            self._number = str(self._published()["number"])
        except VectorsError as error:
            self._number = str(error)
        except OSError:  # whoever reads what is there is told
            pass
        self._looked = time.monotonic()

    def version(self) -> Version:
        """What is published now."""
        found = self._published()
        with self._refusals_named():
            identity = NetworkIdentity(**json.loads(found["identity"]))
            return Version(
                found["number"], identity, found["precision"], tuple(found["keys"].split()), found["checksum"]
            )

    def kept(self, identity: NetworkIdentity) -> set[str]:
        """The pictures whose undamaged rows by `identity` are here.

        What this machine has checked or written, and nobody changed since, is not read again.
        """
        try:
            self._published(or_nothing=True)
            kept: dict[str, bool] = {}
            with self._refusals_named():
                published, rows = self._dataset("published"), self._dataset("rows")
                for dataset in (published, rows):
                    if dataset is not None:
                        dataset.schema.field("precision")
                        dataset.versions()  # reads what each of them is made of
                checked, self._unsound = self._checked_files(), set()
                fragments = rows.get_fragments() if rows is not None else ()
                for is_checked, group in groupby(fragments, lambda one: checked.issuperset(_files_of(one))):
                    run = list(group)
                    found = _keys(rows, run, identity) if is_checked else self._found_sound(rows, run, identity)
                    kept |= found
                    if not all(found.values()):
                        self._unsound.update(*map(_files_of, run))
        except VectorsError:
            self._clear()
            return set()
        return {key for key, is_sound in kept.items() if is_sound}  # of several rows of a picture the last one counts

    def _found_sound(self, rows: Any, fragments: list[Any], identity: NetworkIdentity) -> dict[str, bool]:
        """The pictures of all rows in some fragments that `identity` made or that are damaged; which are sound."""
        found: dict[str, bool] = {}
        maker = _identity_text(identity)
        for batch in rows.scanner(fragments=fragments, batch_size=256).to_reader():
            sound = self._records(batch)[1]
            makers = batch["maker"].to_pylist()
            found |= {
                key: is_sound
                for key, is_sound, by in zip(batch["key"].to_pylist(), sound, makers, strict=True)
                if by == maker or not is_sound
            }
        return found

    def _checked_files(self) -> set[str]:
        """The files that are as they were when this machine checked or wrote them."""
        try:
            checked = json.loads(self._checked.read_bytes())
            return {name for name, status in self._files.found(_DATA).items() if checked.get(name) == status}
        except (OSError, ValueError, AttributeError):
            return set()

    def _remember_checked(self) -> None:
        """Remember all files as checked, but those that were not sound, where they were looked at."""
        if self._unsound is None:
            return
        with suppress(OSError):  # then they are read again
            found = self._files.found(_DATA)
            sound = {name: status for name, status in found.items() if name not in self._unsound}
            with atomic_write(self._checked, sync=False) as file:
                file.write(json.dumps(sound).encode())

    def write(self, identity: NetworkIdentity, precision: str, records: Records) -> None:
        """Keep some rows."""
        content = records.view(np.uint8).reshape(len(records), self.dtype.itemsize)
        start = self.dtype["key"].itemsize + self.dtype["vector"].itemsize
        columns = {
            "maker": pa.array([_identity_text(identity)] * len(records), pa.string()),
            "precision": pa.array([precision] * len(records), pa.string()),
            "written": pa.array([time.time_ns()] * len(records), pa.int64()),
            "key": pa.array([key.decode() for key in records["key"].tolist()], pa.string()),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(records["vector"].ravel()), self._dim),
            "content": pa.array([row[start:].tobytes() for row in content], pa.large_binary()),
            "checksum": pa.array([zlib.crc32(row.data) for row in content], pa.int64()),
        }
        self._append("rows", pa.table(columns))

    def publish(self, identity: NetworkIdentity, image_keys: Sequence[str]) -> None:
        """Let the rows of these pictures be what is read from now on."""
        before = self._published(or_nothing=True)
        if self._dataset("rows") is None:
            self.write(identity, "", np.empty(0, self.dtype))
        rows = self._dataset("rows")
        with self._refusals_named():
            mine = rows.to_table(columns=["key", "precision", "vector"], filter=_made_by(identity))
        matrix = self._stacked(mine, image_keys)
        check_unit_vectors(matrix)
        number = uuid4().hex
        version = {
            "number": number,
            "identity": _identity_text(identity),
            "precision": ", ".join(sorted(set(mine["precision"].to_pylist()))),
            "keys": "\n".join(image_keys),
            "checksum": self._mapped.keep(number, image_keys, matrix),
            "rows": rows.version,
            "made": time.time_ns(),
        }
        self._append("published", pa.table({name: [value] for name, value in version.items()}), mode="overwrite")
        self._looked = -float("inf")
        self._mapped.keep_only(number)
        self._tidy(version, before)
        self._remember_checked()

    def matrix(self, version: Version) -> Matrix:
        """The vectors of a version."""

        def stacked() -> Matrix:
            rows, _ = self._rows_of(version)
            with self._refusals_named():
                mine = rows.to_table(columns=["key", "vector"], filter=_made_by(version.identity))
            return self._stacked(mine, version.image_keys)

        return self._mapped.mapped(version, self._dim, stacked)

    def read(self, version: Version, image_keys: Sequence[str]) -> Records:
        """The records of some pictures, copied here the first time; from the address where there is no room."""
        with self._lock:
            copied = self._copied_of(version.identity)
            missing = [key for key in dict.fromkeys(image_keys) if key not in copied]
            fetched = self._fetched(version, missing)
            try:
                if missing:
                    self._copies.write(version.identity, version.precision, fetched)
                    copied.update(missing)
                return self._copies.read(version, image_keys)
            except OSError:
                return self._fetched(version, image_keys)

    def _copied_of(self, identity: NetworkIdentity) -> set[str]:
        """The pictures whose records by `identity` are copied here; when they are too many, copying begins anew."""
        if len(self._copied[1]) > _MOST_COPIES:
            self._copies.clear()
        if self._copied[0] != identity or len(self._copied[1]) > _MOST_COPIES:
            self._copied = identity, self._copies.kept(identity)
        return self._copied[1]

    def _fetched(self, version: Version, image_keys: Sequence[str]) -> Records:
        """The records of some pictures, from the address."""
        if not image_keys:
            return np.empty(0, self.dtype)
        rows, places = self._rows_of(version)
        if missing := sum(key not in places for key in image_keys):
            raise VectorsError("some pictures ({count}) are not described", count=missing)
        with self._refusals_named():
            records, sound = self._records(rows.take([places[key] for key in image_keys]))
        if not all(sound):
            self._checked.unlink(missing_ok=True)
            raise self._damaged(f"the row of {image_keys[sound.index(False)]}")
        return records

    @property
    def _dim(self) -> int:
        return int(self.dtype["vector"].shape[0])

    def _records(self, rows: Any) -> tuple[Records, list[bool]]:
        """Rows as records, (n,), and which of them are what was written."""
        records = np.zeros(len(rows), self.dtype)
        records["key"] = rows["key"].to_pylist()
        records["vector"] = _matrix(rows["vector"], self._dim)
        content = records.view(np.uint8).reshape(len(records), self.dtype.itemsize)
        size = self.dtype.itemsize - self.dtype["key"].itemsize - self.dtype["vector"].itemsize
        sound = []
        for row, kept, checksum in zip(content, rows["content"].to_pylist(), rows["checksum"].to_pylist(), strict=True):
            is_whole = len(kept) == size
            if is_whole:
                row[len(row) - size :] = np.frombuffer(kept, np.uint8)
            sound.append(is_whole and zlib.crc32(row.data) == checksum)
        return records, sound

    def _stacked(self, rows: Any, image_keys: Sequence[str]) -> Matrix:
        """The vectors of the pictures, out of rows that have them: (len(image_keys), dim)."""
        places = {key: place for place, key in enumerate(rows["key"].to_pylist())}
        if missing := set(image_keys) - set(places):
            raise VectorsError("{count} of the pictures have no vector yet", count=len(missing))
        return _matrix(rows["vector"], self._dim)[[places[key] for key in image_keys]]

    def _rows_of(self, version: Version) -> tuple[Any, dict[str, int]]:
        """The rows as they were when a version was published, and the place of each of its pictures."""
        with self._lock:
            if self._read_now[0] != version.number:
                published = self._published(version.number)
                rows = self._dataset("rows", published["rows"])
                with self._refusals_named():
                    found = rows.to_table(columns=["maker", "key"])
                makers, keys = found["maker"].to_pylist(), found["key"].to_pylist()
                mine = (place for place, maker in enumerate(makers) if maker == published["identity"])
                self._read_now = (version.number, rows, {keys[place]: place for place in mine})
            return self._read_now[1:]

    def _published(self, number: str = "", *, or_nothing: bool = False) -> dict[str, Any]:
        """The row of the version of that number, or of the one that is read now. Raises VectorsError without one."""
        dataset = self._dataset("published")
        with self._refusals_named():
            while dataset is not None:
                found: dict[str, Any] = dataset.to_table().to_pylist()[0]
                if not number or found["number"] == number:
                    return found
                dataset = self._dataset("published", dataset.version - 1) if dataset.version > 1 else None
        if or_nothing:
            return {}
        raise VectorsError("no vectors in {folder}", folder=self._address)

    def _tidy(self, version: dict[str, Any], before: dict[str, Any]) -> None:
        """Remove the rows that a version has not, and join files; whoever reads the version before keeps what it has.

        What was written since that one, and is not published yet, stays, unless it was made by something else.
        """
        rows, maker = self._dataset("rows"), _quoted(version["identity"])
        gone = sorted(set(before.get("keys", "").split()) - set(version["keys"].split()))
        with self._refusals_named():
            try:
                rows.delete(f"maker <> {maker}")
                if gone and before["identity"] == version["identity"]:
                    rows.delete(f"written < {before['made']} and key in ({', '.join(map(_quoted, gone))})")
                rows.optimize.compact_files(target_rows_per_fragment=_ROWS_A_FILE)
                rows.cleanup_old_versions(_READ_FOR)
                self._dataset("published").cleanup_old_versions(_READ_FOR)
            except _LANCES as error:
                if not _is_conflict(error):
                    raise  # else somebody else changes the rows now, and will tidy when they publish

    def _append(self, name: str, table: Any, mode: str = "append") -> None:
        with self._refusals_named():
            for _ in range(_TRIES):
                try:
                    if mode == "append" and self._dataset(name) is None:  # else it may replace another's
                        self._engine.write_dataset(table.slice(0, 0), f"{self._address}/{name}.lance", mode="create")
                    self._engine.write_dataset(table, f"{self._address}/{name}.lance", mode=mode)
                    return
                except _LANCES as error:
                    if not _is_conflict(error):
                        raise
                    time.sleep(_TRY_SECONDS)
            raise OSError(f"others keep changing {self._address}")

    def _dataset(self, name: str, version: int | None = None) -> Any:
        """A dataset as it is now, or as that version of it was; None where there is none."""
        with self._refusals_named():
            try:
                return self._engine.dataset(f"{self._address}/{name}.lance", version=version)
            except ValueError as error:
                if "was not found" in str(error):
                    return None
                raise

    def _clear(self) -> None:
        """Remove all rows."""
        self._files.clear()

    @contextmanager
    def _refusals_named(self) -> Iterator[None]:
        """Tell what the machine or the network refuses (OSError) from what is damaged (VectorsError)."""
        try:
            yield
        except BaseException as error:
            is_lances = isinstance(error, OSError | ValueError | LookupError | RuntimeError | pa.ArrowException)
            if not is_lances and type(error).__name__ != "PanicException":  # what Rust could not go on with
                raise
            reason = str(error).split(", /home/")[0].splitlines()[0]
            if getattr(error, "errno", None) is not None or any(text in reason for text in _REFUSALS):
                raise OSError(getattr(error, "errno", None), reason) from None
            raise self._damaged(reason) from None

    def _damaged(self, reason: str) -> VectorsError:
        return VectorsError("{path} is damaged ({reason})", path=self._address, reason=reason)


def _engine() -> Any:
    try:
        os.environ.setdefault("LANCE_LOG", "error")
        import lance  # noqa: PLC0415  # half a second, and 60 MB
    except ImportError:
        raise VectorsError("Expected Lance, which RECSYS_CACHE needs, found none: run make setup-cluster.") from None
    return lance


def _identity_text(identity: NetworkIdentity) -> str:
    return json.dumps(asdict(identity), sort_keys=True)


def _files_of(fragment: Any) -> list[str]:
    return [f"{_DATA}/{file.path}" for file in fragment.data_files()]


def _keys(rows: Any, fragments: list[Any], identity: NetworkIdentity) -> dict[str, bool]:
    """The pictures of the rows in some fragments that `identity` made, all of them sound."""
    found = rows.scanner(columns=["key"], filter=_made_by(identity), fragments=fragments).to_table()
    return dict.fromkeys(found["key"].to_pylist(), True)


def _made_by(identity: NetworkIdentity) -> str:
    return f"maker = {_quoted(_identity_text(identity))}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _matrix(vectors: Any, dim: int) -> NDArray[np.float32]:
    """A column of vectors: (n, dim)."""
    chunks = vectors.chunks if isinstance(vectors, pa.ChunkedArray) else [vectors]
    parts = [chunk.flatten().to_numpy(zero_copy_only=False).reshape(-1, dim) for chunk in chunks]
    return np.concatenate(parts) if parts else np.empty((0, dim), np.float32)


def _is_conflict(error: Exception) -> bool:
    return "conflict" in str(error).lower() or "already exists" in str(error)
