"""A store in an SQLite file of one machine: one row per picture, and one for each kind's published version."""

import errno
import json
import os
import shutil
import sqlite3
import weakref
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import numpy as np
from filelock import FileLock

from embeddings.errors import VectorsError
from embeddings.features.store import (
    MappedMatrix,
    Matrix,
    Records,
    Spread,
    Version,
    Written,
    check_unit_vectors,
    checksum_of,
    damaged,
    identity_text,
    not_stored,
    nothing_in,
    passed_on,
)
from embeddings.models.compiled import NetworkIdentity

STORE_FILE = "store.sqlite"
_FORMAT = 1
_BUSY_SECONDS = 30.0
_MAPPED_BYTES = 2**40  # SQLite's maximum: cached pages are then the system's, not this process's
_SCHEMA = f"""
    pragma page_size = 16384;  -- a description takes few pages
    pragma journal_mode = wal;  -- nobody who reads waits for whoever writes
    pragma user_version = {_FORMAT};
    create table makers (id integer primary key, kind text, identity text, unique (kind, identity));
    create table rows (
        id integer primary key autoincrement, maker integer, key text, precision text, vector blob, content blob,
        checksum integer, unique (maker, key)
    );
    create table versions (  -- of each kind the last two, the later one being read
        id integer primary key, kind text, number text, maker integer, precision text, keys text, checksum integer,
        last_row integer
    );
"""
_OF_OLDER_FORMATS = ("manifest.json", "vectors.npy", "journal-*.bin", "refined")
_Row = tuple[str, bytes, bytes, int]  # key, vector, the record's other fields, CRC-32 of all three


class SqliteStore:
    """The rows of one `kind` in the SQLite file of a folder; see `embeddings.features.store.Store`."""

    batch_rows = 1  # a row costs 0.1 ms, since a commit does not wait for the disk

    def __init__(self, folder: Path, kind: str, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self._kind, self._path = kind, folder / STORE_FILE
        self._mapped = MappedMatrix(folder, kind)
        self._lock = Lock()
        self._file = (0, 0)
        self._sound: set[str] = set()  # the pictures whose rows have been read and found undamaged
        self._connection: sqlite3.Connection | None = None
        self._close: Callable[[], object] = lambda: None

    def number(self) -> str:
        """The number of the version that is published now."""
        try:
            with self._opened() as connection:
                found = connection.execute(
                    "select number from versions where kind = ? order by id desc limit 1", (self._kind,)
                ).fetchone()
        except VectorsError as error:
            return str(error)
        return str(found[0]) if found else ""

    def version(self) -> Version:
        """What is published now."""
        with self._opened() as connection:
            found = connection.execute(
                "select number, identity, precision, keys, checksum from versions"
                " join makers on makers.id = maker where versions.kind = ? order by versions.id desc limit 1",
                (self._kind,),
            ).fetchone()
        if found is None:
            raise self._nothing()
        try:
            number, identity, precision, keys, checksum = found
            return Version(number, NetworkIdentity(**json.loads(identity)), precision, tuple(keys.split()), checksum)
        except (ValueError, TypeError, AttributeError) as error:
            raise damaged(self._path, error) from None

    def kept(self, identity: NetworkIdentity) -> set[str]:
        """The pictures whose undamaged rows by `identity` are here."""
        try:
            with self._opened() as connection:
                if (found := connection.execute("pragma integrity_check(1)").fetchone()[0]) != "ok":
                    raise damaged(self._path, found)
                rows = connection.execute(
                    "select key, vector, content, checksum from rows where maker = ?",
                    (self._maker(connection, identity),),
                )
                return {row[0] for row in rows if self._is_sound(row)}
        except VectorsError:
            self.clear()
            return set()

    def clear(self) -> None:
        """Remove all rows and published versions."""
        self._path.unlink(missing_ok=True)

    def write(self, identity: NetworkIdentity, precision: str, records: Records) -> None:
        """Save some rows."""
        self.commit([passed_on(identity, precision, records)])

    def writer(self) -> Callable[[NetworkIdentity, str, Records], Written]:
        """A writer that passes rows on: only this machine writes to the file."""
        return passed_on

    def commit(self, written: Sequence[Written]) -> None:
        """Save rows that were passed on."""
        with self._writing() as connection:
            for identity, precision, records in (one.content for one in written):
                maker = self._maker(connection, identity, or_new=True)
                connection.executemany(
                    "insert or replace into rows (maker, key, precision, vector, content, checksum)"
                    " values (?, ?, ?, ?, ?, ?)",
                    [(maker, key, precision, *rest) for key, *rest in map(_row_of, records)],
                )

    def publish(self, identity: NetworkIdentity, image_keys: Sequence[str], spread: Spread = map) -> None:
        """Publish these pictures' rows."""
        number = uuid4().hex
        with self._writing() as connection:
            maker = self._maker(connection, identity, or_new=True)
            matrix = self._stacked(connection, maker, image_keys)
            check_unit_vectors(matrix)
            precisions = connection.execute("select distinct precision from rows where maker = ?", (maker,))
            precision = ", ".join(sorted(found[0] for found in precisions))
            self._mapped.keep(number, matrix)
            self._drop_oldest(connection, maker, image_keys)
            connection.execute(
                "insert into versions (kind, number, maker, precision, keys, checksum, last_row)"
                " values (?, ?, ?, ?, ?, ?, (select max(id) from rows))",
                (self._kind, number, maker, precision, "\n".join(image_keys), checksum_of(image_keys, matrix)),
            )
        self._mapped.keep_only(number)

    def matrix(self, version: Version) -> Matrix:
        """The vectors of a version."""

        def stacked() -> Matrix:
            with self._opened() as connection:
                return self._stacked(connection, self._maker(connection, version.identity), version.image_keys)

        return self._mapped.mapped(version, self._dim, stacked)

    def index(self, version: Version) -> None:
        """None: a single machine's catalogue is searched exhaustively."""

    def read(self, version: Version, image_keys: Sequence[str]) -> Records:
        """The records of some pictures."""
        records = np.empty(len(image_keys), self.dtype)
        content, end = records.view(np.uint8).data, 0
        with self._opened() as connection:
            rows = connection.execute(
                "select rows.key, vector, content, checksum from json_each(?) as wanted"
                " cross join rows on rows.maker = ? and rows.key = wanted.value",
                (json.dumps(list(image_keys)), self._maker(connection, version.identity)),
            )
            for row in rows:
                if row[0] not in self._sound and not self._is_sound(row):
                    raise damaged(self._path, f"the row of {row[0]}")
                self._sound.add(row[0])
                for part in (self._padded(row[0]), row[1], row[2]):
                    start, end = end, end + len(part)
                    content[start:end] = part
        if missing := len(image_keys) - end // self.dtype.itemsize:
            raise VectorsError(f"some pictures ({missing:,}) are not described")
        return records

    @property
    def _dim(self) -> int:
        return int(self.dtype["vector"].shape[0])

    def _is_sound(self, row: _Row) -> bool:
        """Whether a row is as it was written."""
        key, vector, content, checksum = row
        try:
            size = self.dtype["key"].itemsize + len(vector) + len(content)
            return (
                size == self.dtype.itemsize
                and zlib.crc32(content, zlib.crc32(vector, zlib.crc32(self._padded(key)))) == checksum
            )
        except (TypeError, AttributeError):  # not even text or bytes
            return False

    def _padded(self, key: str) -> bytes:
        return key.encode().ljust(self.dtype["key"].itemsize, b"\0")

    def _stacked(self, connection: sqlite3.Connection, maker: int, image_keys: Sequence[str]) -> Matrix:
        """The vectors of the pictures: (len(image_keys), dim)."""
        vectors = dict(connection.execute("select key, vector from rows where maker = ?", (maker,)))
        if missing := set(image_keys) - set(vectors):
            raise not_stored(len(missing))
        stacked = b"".join(vectors[key] for key in image_keys)
        if len(stacked) != 4 * self._dim * len(image_keys):
            raise damaged(self._path, f"expected vectors of {self._dim} numbers")
        return np.frombuffer(stacked, np.float32).reshape(-1, self._dim)

    def _drop_oldest(self, connection: sqlite3.Connection, maker: int, image_keys: Sequence[str]) -> None:
        """Remove the version before the current one, and rows that are in neither the current nor the next one.

        Rows that were written and are not yet published stay, unless another network or recipe made them.
        """
        versions = connection.execute(
            "select id, maker, keys, last_row from versions where kind = ? order by id desc", (self._kind,)
        ).fetchall()
        kept = {(maker, key) for key in image_keys}
        kept |= {(by, key) for _, by, keys, _ in versions[:1] for key in keys.split()}
        for number, by, keys, last_row in versions[1:]:
            gone = [(by, key, last_row) for key in keys.split() if (by, key) not in kept]
            connection.executemany("delete from rows where maker = ? and key = ? and id <= ?", gone)
            connection.execute("delete from versions where id = ?", (number,))
        connection.execute(
            "delete from rows where maker in (select id from makers where kind = ? and id not in (?, ?))",
            (self._kind, maker, versions[0][1] if versions else maker),
        )

    def _maker(self, connection: sqlite3.Connection, identity: NetworkIdentity, *, or_new: bool = False) -> int:
        """The number for rows made by `identity`; 0 if there are none, unless some will be written."""
        named = (self._kind, identity_text(identity))
        if or_new:
            connection.execute("insert or ignore into makers (kind, identity) values (?, ?)", named)
        found = connection.execute("select id from makers where kind = ? and identity = ?", named).fetchone()
        return int(found[0]) if found else 0

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The current file, for one thread at a time; reopened if it was replaced."""
        with self._lock, _refusals_named(self._path):
            try:
                status = self._path.stat()
            except FileNotFoundError:
                raise self._nothing() from None
            if self._connection is None or self._file != (status.st_dev, status.st_ino):
                self._close()
                self._connection = _connected(self._path)
                self._file, self._sound = (status.st_dev, status.st_ino), set()
                self._close = weakref.finalize(self, self._connection.close)
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The file, in a transaction; created if there is none."""
        if not self._path.is_file():
            self._create()
        with self._opened() as connection, connection:
            connection.execute("begin immediate")
            yield connection

    def _create(self) -> None:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_suffix(".lock")):
            if not self._path.is_file():
                self._remove_others()
                unfinished = self._path.with_suffix(".part")
                with _refusals_named(self._path), closing(sqlite3.connect(unfinished)) as connection:
                    connection.executescript(_SCHEMA)
                unfinished.replace(self._path)

    def _remove_others(self) -> None:
        """Remove what is left of another file, and the files of older versions' formats."""
        for names in (f"{STORE_FILE}-*", f"{self._path.with_suffix('.part').name}*", *_OF_OLDER_FORMATS):
            for path in self._path.parent.glob(names):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def _nothing(self) -> VectorsError:
        folder = self._path.parent
        if (folder / _OF_OLDER_FORMATS[0]).exists():
            return _of_another_version(folder)
        return nothing_in(folder)


def _row_of(record: Records) -> _Row:
    content = record.tobytes()
    start = record.dtype["key"].itemsize
    end = start + record.dtype["vector"].itemsize
    return content[:start].rstrip(b"\0").decode(), content[start:end], content[end:], zlib.crc32(content)


def _connected(path: Path) -> sqlite3.Connection:
    how = "mode=rw" if os.access(path.parent, os.W_OK) else "immutable=1"  # read-only folders
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for setting in (f"mmap_size = {_MAPPED_BYTES}", "synchronous = normal", "temp_store = memory"):
            connection.execute(f"pragma {setting}")
        if connection.execute("pragma user_version").fetchone()[0] != _FORMAT:
            raise _of_another_version(path.parent)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _refusals_named(path: Path) -> Iterator[None]:
    """Raise system errors as OSError, and a damaged file as VectorsError."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except UnicodeDecodeError as error:  # in SQLite's own message, which quotes damaged text
        raise damaged(path, error) from None
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_FULL":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
        if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_BUSY")):
            raise OSError(errno.EIO, f"{error} ({name})", str(path)) from None
        raise damaged(path, error) from None


def _of_another_version(folder: Path) -> VectorsError:
    return VectorsError(f"those in {folder} are of another version and have to be made again")
