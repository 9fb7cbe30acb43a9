"""The records database's failures in words: what was expected, what came, what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import disk_usage

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from recsys.database.engines import sqlite_path
from recsys.errors import RecordsError

# SQLite's primary result code -> the message; {path} is the file.
_REMEDIES = {
    "BUSY": "Expected to use {path}, but another program keeps it locked: close that program, then try again.",
    "LOCKED": "Expected to use {path}, but another program keeps it locked: close that program, then try again.",
    "FULL": "Expected room on the disk of {path}, but it is full: free some, then try again.",
    "IOERR": "Expected to read and write {path}, but the disk refused ({code}): check the disk, then try again.",
    "READONLY": "Expected to write to {path}, but it may only be read: give the app's user the permission.",
    "PERM": "Expected to write to {path}, but it may only be read: give the app's user the permission.",
    "NOTADB": "Expected a SQLite database at {path}, but that file is none: put a copy of the database in its place.",
    "CORRUPT": "Expected a sound database at {path}, but it is damaged: put a copy of it in its place.",
}
_GONE = "Expected the records' database at {path}, but it is gone: put it back, or restart the app to begin a new one."
_CLOSED = "Expected to open {path}, but it cannot be opened: give the app's user the permission."


@contextmanager
def failures_described(url: URL) -> Iterator[None]:
    """Raise failures of the database at `url` in the block as RecordsError."""
    try:
        yield
    except DBAPIError as error:
        raise RecordsError(_description(error.orig, url)) from error
    except sqlite3.Error as error:
        raise RecordsError(_description(error, url)) from error
    except SQLAlchemyError as error:
        raise RecordsError(_failed(error, url)) from error


def _description(error: BaseException | None, url: URL) -> str:
    code: str | None = getattr(error, "sqlite_errorname", None)
    path = sqlite_path(url)
    if code is None or path is None:
        return _failed(error, url)
    primary = code.removeprefix("SQLITE_").partition("_")[0]
    if primary == "CANTOPEN":
        return (_CLOSED if path.exists() else _GONE).format(path=path)
    if primary == "IOERR" and _is_full(path):
        primary = "FULL"
    return _REMEDIES[primary].format(path=path, code=code) if primary in _REMEDIES else _failed(error, url)


def _is_full(path: Path) -> bool:
    """Whether there is no space even for a page: some of SQLite's steps only report that they failed."""
    with suppress(OSError):
        return disk_usage(path.parent).free < 2**16
    return False


def _failed(error: object, url: URL) -> str:
    reason = str(error).partition("\n")[0].strip().rstrip(".")
    if url.password:
        reason = reason.replace(str(url.password), "***")
    return f"Expected to use the records' database {_name(url)}, but it answered: {reason}. Mend that, then try again."


def _name(url: URL) -> str:
    return str(sqlite_path(url) or url.render_as_string(hide_password=True))
