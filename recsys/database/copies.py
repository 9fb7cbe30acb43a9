"""Copies of a SQLite database: consistent, while others keep writing."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL

from recsys.database.engines import sqlite_path
from recsys.database.storage_errors import failures_described
from recsys.errors import RecordsError

_MODE = 0o600
_BESIDE = ("-journal", "-wal")  # SQLite would apply another database's leftovers to the restored one
_ABANDONED_SECONDS = 3600  # no copy takes this long: older files were left by a killed one


def copy_database(url: URL, target: Path) -> None:
    """Write the current contents of the SQLite database at `url` to `target`, all or nothing.

    Raises RecordsError for another kind of database, and if the copy would be damaged. OSError passes through.
    """
    path = sqlite_path(url)
    if path is None:
        raise RecordsError(
            f"Expected records in SQLite, they are in {url.get_backend_name()}: use pg_dump to copy them."
        )
    if not path.is_file():
        raise RecordsError(f"Expected records at {path}, found none: there is nothing to copy.")
    with failures_described(url):
        _copy(path, target)


def restore_database(source: Path, url: URL) -> None:
    """Restore `source`, a copy made by `copy_database`, as the database at `url`, where there is none yet.

    Raises RecordsError if there is one, and if the source is damaged. OSError passes through.
    """
    path = sqlite_path(url)
    if path is None:
        raise RecordsError(
            f"Expected records in SQLite, they are in {url.get_backend_name()}: use pg_restore to put them back."
        )
    there = [found for end in ("", *_BESIDE) if (found := path.with_name(f"{path.name}{end}")).exists()]
    if there:
        raise RecordsError(
            f"Expected no records at {path} yet, found {' and '.join(found.name for found in there)}: "
            "move that away first, nothing is overwritten."
        )
    if not source.is_file():
        raise RecordsError(f"Expected a copy of the records at {source}, found none: check the name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with failures_described(URL.create("sqlite", database=str(source))):
        _copy(source, path, overwrites=False)


def problems_in(path: Path) -> list[str]:
    """SQLite's findings about a database, one line each; empty if it is sound."""
    with closing(_opened(path)) as connection:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        found += [f"{row[0]} lacks its {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")]
    return [problem for problem in found if problem != "ok"]


def _opened(path: Path) -> sqlite3.Connection:
    """Open an existing database, writable if possible, since an interrupted transaction must be rolled back first."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)


def _copy(source: Path, target: Path, *, overwrites: bool = True) -> None:
    _remove_abandoned(target)
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    part.touch(mode=_MODE, exist_ok=False)
    try:
        with (
            closing(_opened(source)) as original,
            closing(sqlite3.connect(part)) as copy,
        ):
            original.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log next to it
        if problems := problems_in(part):
            raise RecordsError(
                f"Expected sound records in {source}, but SQLite finds: {problems[0]}. Nothing was written."
            )
        if overwrites:
            part.replace(target)
        else:
            os.link(part, target)  # an app started meanwhile may have created it
    finally:
        part.unlink(missing_ok=True)


def _remove_abandoned(target: Path) -> None:
    """Remove leftovers of killed copies next to `target`, but not a copy in progress."""
    for part in target.parent.glob(f".{target.name}.*.part*"):
        if time.time() - part.stat().st_mtime > _ABANDONED_SECONDS:
            part.unlink(missing_ok=True)
