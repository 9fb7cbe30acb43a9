"""A store in a folder or bucket that several machines share, as Lance datasets (`requirements-cluster.txt`).

`<address>/rows.lance` has one row per picture, `<address>/published.lance` a single row with the version to read.
Readers keep their version, whatever is written meanwhile. A machine copies what it reads
(`embeddings/features/local_copies.py`).
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock, Thread
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa

from embeddings.errors import VectorsError
from embeddings.features.addressed_files import AddressedFiles
from embeddings.features.checked_files import CheckedFiles, files_of
from embeddings.features.key_places import KeyPlaces
from embeddings.features.lance_engine import LANCES, as_matrix, change, engine, is_conflict, open_at, refusals_named
from embeddings.features.lance_index import LEAST_ROWS, IndexCopies, IndexVersion, LanceIndex
from embeddings.features.lance_rows import LanceRows, records_of
from embeddings.features.local_copies import LocalCopies
from embeddings.features.store import (
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

_READ_FOR = timedelta(hours=1)  # replaced versions can be read at least so long, and are removed so often


class LanceStore:
    """The rows of one kind at an address; see `embeddings.features.store.Store`."""

    batch_rows = 64  # each batch is a separate file until a version is published

    def __init__(
        self,
        address: str,
        copies: Path,
        dtype: np.dtype[Any],
        *,
        fresh_seconds: float = 5.0,
        most_exact: int = sys.maxsize,
        is_reduced: bool = False,
    ) -> None:
        """Store rows at an address, such as `s3://bucket/shop/vectors`, with copies in a folder of this machine.

        For `fresh_seconds` the last version seen counts as the newest. A version with more than `most_exact` different
        pictures gets an index, of their reduced vectors if `is_reduced`. Raises VectorsError without the engine.
        """
        self.dtype = dtype
        engine()
        self._address, self._publications = address, f"{address}/published.lance"
        self._rows = LanceRows(f"{address}/rows.lance", dtype)
        kind = address.rpartition("/")[2]
        self._copies = LocalCopies(copies, kind, dtype)
        self._files = AddressedFiles(address)
        self._checked = CheckedFiles(self._files, copies / f"{kind}-checked.json")
        self._indexes = IndexCopies(self._files, copies, kind, is_reduced=is_reduced)
        self._most_exact, self._folder = most_exact, copies
        self._fresh_seconds, self._looked, self._number = fresh_seconds, -float("inf"), ""
        self._lock = Lock()
        self._read_now: tuple[str, Any, KeyPlaces] | None = None  # a version's number, its rows, their places

    def number(self) -> str:
        """The number of the published version, as of the last check.

        Only the first caller waits for the address; while it is slow or unavailable, the last number stays.
        """
        if not self._number or not self._fresh_seconds:
            self._look()
        elif time.monotonic() - self._looked > self._fresh_seconds:
            self._looked = time.monotonic()
            Thread(target=self._look, daemon=True).start()
        return self._number

    def _look(self) -> None:
        try:
            self._number = str(self._published(columns=["number"])["number"])
        except VectorsError as error:
            self._number = str(error)
        except OSError:  # reading the rows will report it
            pass
        self._looked = time.monotonic()

    def version(self) -> Version:
        """The published version."""
        found = self._published()
        with self._refusals_named():
            identity = NetworkIdentity(**json.loads(found["identity"]))
            return Version(
                found["number"],
                identity,
                found["precision"],
                tuple(found["keys"].split()),
                found["checksum"],
                index.recall if (index := _index_in(found)) else None,
            )

    def kept(self, identity: NetworkIdentity) -> set[str]:
        """The pictures whose undamaged rows by `identity` are here.

        Files that this machine has checked or written, and that have not changed since, are not read again.
        """
        try:
            self._published(or_nothing=True)
            kept: dict[str, bool] = {}
            with self._refusals_named():
                published, rows = open_at(self._publications), self._rows.now()
                for dataset in (published, rows):
                    if dataset is not None:
                        dataset.schema.field("precision")
                        dataset.versions()  # reads the files of each version
                checked = self._checked.begin()
                fragments = rows.get_fragments() if rows is not None else ()
                for is_checked, group in groupby(fragments, lambda one: checked.issuperset(files_of(one))):
                    run = list(group)
                    found = _keys(rows, run, identity) if is_checked else self._found_sound(rows, run, identity)
                    kept |= found
                    if not all(found.values()):
                        self._checked.leave_out(run)
        except VectorsError:
            self._files.clear()
            return set()
        return {key for key, is_sound in kept.items() if is_sound}  # of several rows for a picture the last one counts

    def _found_sound(self, rows: Any, fragments: list[Any], identity: NetworkIdentity) -> dict[str, bool]:
        """The pictures in some fragments whose rows `identity` made or are damaged, and which are sound."""
        found: dict[str, bool] = {}
        maker = identity_text(identity)
        for batch in rows.scanner(fragments=fragments, batch_size=256).to_reader():
            sound = records_of(batch, self.dtype)[1]
            makers = batch["maker"].to_pylist()
            found |= {
                key: is_sound
                for key, is_sound, by in zip(batch["key"].to_pylist(), sound, makers, strict=True)
                if by == maker or not is_sound
            }
        return found

    def write(self, identity: NetworkIdentity, precision: str, records: Records) -> None:
        """Save some rows."""
        self.commit([passed_on(identity, precision, records)])

    def writer(self) -> Callable[[NetworkIdentity, str, Records], Written]:
        """A writer for rows made on any machine."""
        return self._rows.writer()

    def commit(self, written: Sequence[Written]) -> None:
        """Commit rows that `writer` took."""
        self._rows.commit(written)
        self._checked.remember_now_and_then()

    def publish(self, identity: NetworkIdentity, image_keys: Sequence[str], spread: Spread = map) -> None:
        """Publish these pictures' rows."""
        before = self._published(or_nothing=True)
        self._rows.join_files(spread)
        rows, number = self._rows.created(), uuid4().hex
        is_indexed = len(set(image_keys)) > max(self._most_exact, LEAST_ROWS)
        matrix = self._stacked(rows, identity, image_keys)
        check_unit_vectors(matrix)
        with self._refusals_named():
            old = _index_in(before) if before.get("identity") == identity_text(identity) else None
            index = self._indexes.built(number, old, image_keys, matrix) if is_indexed else None
            if not index:
                self._copies.matrix.keep(number, matrix)
            precisions = rows.to_table(columns=["precision"], filter=_made_by(identity))["precision"].unique()
        version = {
            "number": number,
            "identity": identity_text(identity),
            "precision": ", ".join(sorted(precisions.to_pylist())),
            "keys": "\n".join(image_keys),
            "checksum": checksum_of(image_keys, matrix),
            "rows": rows.version,
            "made": time.time_ns(),
            "index": json.dumps(asdict(index)) if index else "",
        }
        table = pa.table({name: [value] for name, value in version.items()})
        change(self._publications, lambda: engine().write_dataset(table, self._publications, mode="overwrite"))
        self._looked = -float("inf")
        self._copies.matrix.keep_only(number)
        self._tidy(version, before)
        self._indexes.tidy([one for one in map(_index_in, (before, version)) if one], _READ_FOR)
        self._checked.remember()

    def matrix(self, version: Version) -> Matrix:
        """The vectors of a version."""

        def stacked() -> Matrix:
            rows = self._rows.at(self._published(version.number)["rows"])
            return self._stacked(rows, version.identity, version.image_keys)

        matrix = self._copies.matrix.mapped(version, self._dim, stacked)
        self._copies.matrix.keep_only(version.number)
        return matrix

    def index(self, version: Version) -> LanceIndex | None:
        """The index of a version's vectors, from a copy of its files."""
        if version.recall is None:
            return None
        found = _index_in(self._published(version.number))
        with self._refusals_named():
            return self._indexes.open(found) if found else None

    def read(self, version: Version, image_keys: Sequence[str]) -> Records:
        """The records of some pictures, copied here the first time; from the address if there is no space."""
        return self._copies.read(version, image_keys, self._fetched)

    def _fetched(self, version: Version, image_keys: Sequence[str]) -> Records:
        """The records of some pictures, from the address."""
        if not image_keys:
            return np.empty(0, self.dtype)
        rows, places_of = self._rows_of(version)
        places = places_of.of(image_keys)
        if missing := int((places < 0).sum()):
            raise VectorsError(f"some pictures ({missing:,}) are not described")
        with self._refusals_named():
            records, sound = records_of(rows.take(places.tolist()), self.dtype)
        if not all(sound):
            self._checked.forget()
            raise damaged(self._address, f"the row of {image_keys[sound.index(False)]}")
        return records

    @property
    def _dim(self) -> int:
        return int(self.dtype["vector"].shape[0])

    def _stacked(self, rows: Any, identity: NetworkIdentity, image_keys: Sequence[str]) -> Matrix:
        """The vectors of the pictures, (len(image_keys), dim); in a file that disappears after use."""
        stacked = _in_file(self._folder, (len(image_keys), self._dim))
        firsts = {key: place for place, key in reversed(list(enumerate(image_keys)))}
        is_there = np.zeros(len(image_keys), np.bool_)
        with self._refusals_named():
            for batch in rows.scanner(columns=["key", "vector"], filter=_made_by(identity)).to_reader():
                places = np.array([firsts.get(key, -1) for key in batch["key"].to_pylist()], np.int64)
                stacked[places[places >= 0]] = as_matrix(batch["vector"], self._dim)[places >= 0]  # the last one counts
                is_there[places[places >= 0]] = True
        if missing := len(firsts) - int(is_there.sum()):
            raise not_stored(missing)
        again = np.flatnonzero(~is_there)
        stacked[again] = stacked[[firsts[image_keys[place]] for place in again.tolist()]]
        return stacked

    def _rows_of(self, version: Version) -> tuple[Any, KeyPlaces]:
        """The rows at the time a version was published, and the place of each of its pictures."""
        with self._lock:
            if self._read_now is None or self._read_now[0] != version.number:
                rows = self._rows.at(self._published(version.number)["rows"])
                keys, is_mine = [np.empty(0, "S64")], [np.empty(0, np.bool_)]
                with self._refusals_named():
                    columns = {"key": "key", "mine": _made_by(version.identity)}
                    for batch in rows.scanner(columns=columns).to_reader():
                        keys.append(np.array(batch["key"].to_pylist(), "S64"))
                        is_mine.append(batch["mine"].to_numpy(zero_copy_only=False))
                places = np.flatnonzero(np.concatenate(is_mine))
                self._read_now = (version.number, rows, KeyPlaces(np.concatenate(keys)[places], places))
            return self._read_now[1:]

    def _published(
        self, number: str = "", *, or_nothing: bool = False, columns: list[str] | None = None
    ) -> dict[str, Any]:
        """The row of the version with that number, or of the current one. Raises VectorsError if there is none."""
        dataset = open_at(self._publications)
        with self._refusals_named():
            while dataset is not None:
                found: dict[str, Any] = dataset.to_table(columns=columns).to_pylist()[0]
                if not number or found["number"] == number:
                    return found
                dataset = open_at(self._publications, dataset.version - 1) if dataset.version > 1 else None
        if or_nothing:
            return {}
        raise nothing_in(self._address)

    def _tidy(self, version: dict[str, Any], before: dict[str, Any]) -> None:
        """Remove rows that are not in a version; readers of the previous version keep theirs.

        Rows written since the previous version, and not yet published, stay, unless another network made them.
        Files that no version has any more go with the first version of each hour.
        """
        rows, maker = self._rows.now(), _quoted(version["identity"])
        gone = sorted(set(before.get("keys", "").split()) - set(version["keys"].split()))
        with self._refusals_named():
            try:
                if rows.count_rows(f"maker <> {maker}"):  # deleting nothing makes another version, too
                    rows.delete(f"maker <> {maker}")
                if gone and before["identity"] == version["identity"]:
                    rows.delete(f"written < {before['made']} and key in ({', '.join(map(_quoted, gone))})")
                if before and _is_another_period(before["made"], version["made"]):  # 25 requests to a bucket
                    rows.cleanup_old_versions(_READ_FOR)
                    open_at(self._publications).cleanup_old_versions(_READ_FOR)
            except LANCES as error:
                if not is_conflict(error):
                    raise  # otherwise another writer is changing the rows, and will tidy on publishing

    def _refusals_named(self) -> AbstractContextManager[None]:
        return refusals_named(self._address)


def _keys(rows: Any, fragments: list[Any], identity: NetworkIdentity) -> dict[str, bool]:
    """The pictures in some fragments whose rows are all sound and made by `identity`."""
    found = rows.scanner(columns=["key"], filter=_made_by(identity), fragments=fragments).to_table()
    return dict.fromkeys(found["key"].to_pylist(), True)


def _made_by(identity: NetworkIdentity) -> str:
    return f"maker = {_quoted(identity_text(identity))}"


def _is_another_period(before: int, now: int) -> bool:
    """Whether one of the times at which replaced versions are removed is between two times in nanoseconds."""
    period = round(_READ_FOR.total_seconds() * 1e9)
    return before // period != now // period


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _in_file(folder: Path, shape: tuple[int, int]) -> Matrix:
    """A matrix in an unnamed file: in the system's memory as far as it fits, otherwise on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, max(1, 4 * shape[0] * shape[1]))
        return np.memmap(file, np.float32, "r+", shape=shape)


def _index_in(published: dict[str, Any]) -> IndexVersion | None:
    """The index of a version; None if it has none, such as versions from before indexes existed."""
    return IndexVersion(**json.loads(found)) if (found := published.get("index")) else None
