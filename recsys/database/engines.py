"""Engines for the records: each transaction has its own connection, and writers take turns."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from embeddings.errors import InstallCluster
from recsys.errors import RecordsError
from recsys.settings import Settings

WRITES, WAIT = "recsys_writes", "recsys_wait_seconds"
"""Execution options: whether a transaction writes, and how many seconds it waits for other writers."""

_WRITERS = 4_901_626_771  # the lock that writers share; any number not used by others
ADDRESS_VARIABLE = "RECSYS_RECORDS_DATABASE_URL"


def records_address(settings: Settings) -> URL:
    """The records' URL: the database in the settings, or a SQLite file in the data home.

    Raises RecordsError, which does not repeat any of the URL: it may contain a password.
    """
    address = settings.records_database_url.get_secret_value() if settings.records_database_url else ""
    if not address:
        return URL.create("sqlite", database=str(settings.records / "records.db"))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise RecordsError(
            f"Expected {ADDRESS_VARIABLE} to be an address such as postgresql+psycopg://user:password@host/database, "
            "got none: correct it, or unset it to keep the records in the data home."
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise RecordsError(
            f"Expected {ADDRESS_VARIABLE} to name SQLite or PostgreSQL, got {url.drivername!r}: correct it."
        )
    if url.get_backend_name() == "sqlite" and (url.database or ":memory:").startswith((":memory:", "file:")):
        raise RecordsError(f"Expected {ADDRESS_VARIABLE} to name SQLite's file: write sqlite:////absolute/path.db.")
    return url


def sqlite_path(url: URL) -> Path | None:
    """The file of a SQLite database; None for any other kind."""
    return Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None


def make_engine(url: URL) -> Engine:
    """Create an engine for the URL, without connecting yet. Raises RecordsError."""
    path = sqlite_path(url)
    if path is not None:
        return _sqlite_engine(path)
    try:
        engine = create_engine(url, poolclass=NullPool, client_encoding="utf8")  # SQL_ASCII's text would come as bytes
    except NoSuchModuleError:
        raise RecordsError(
            f"Expected {ADDRESS_VARIABLE} to name a driver that SQLAlchemy knows, got {url.drivername!r}: correct it."
        ) from None
    except ModuleNotFoundError as error:
        is_ours = error.name == "psycopg"
        raise RecordsError(
            f"Expected Python's module {error.name}, the driver that {ADDRESS_VARIABLE} asks for, found none"
            f"{'.' if is_ours else ': install it into the environment of the app.'}",
            remedies=(InstallCluster(),) if is_ours else (),
        ) from None
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def take_turn(connection: Connection) -> None:
    """Wait until no other connection to the PostgreSQL database has the turn; it ends with the transaction."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS + 1})")


def _sqlite_engine(path: Path) -> Engine:
    # One connection per transaction: an open one would keep writing into a deleted file.
    engine = create_engine("sqlite://", creator=lambda: _open(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open(path: Path) -> sqlite3.Connection:
    # mode=rw: a missing file is an error, and is never replaced by a new, empty one.
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False)


def _begin_sqlite(connection: Connection) -> None:
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(1000 * options.get(WAIT, 0))}")
    # Writers take the lock at once: one that reads first and writes later fails if another wrote in between.
    if not options.get(WRITES):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql("PRAGMA synchronous = FULL")  # a commit reaches the disk
    connection.exec_driver_sql("PRAGMA secure_delete = ON")  # deleted data leaves no trace in the file
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(1000 * options.get(WAIT, 0))}")
    if options.get(WRITES):  # one writer at a time, as with SQLite
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
