"""The tables' state: brought up to date by migrations, which keep the data."""

import sqlite3
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, inspect

MIGRATIONS = Path(__file__).with_name("migrations")


def bring_up_to_date(connection: Connection, before_changing: Callable[[str], None] = lambda revision: None) -> None:
    """Run the missing migrations, if any, as `migrating.migrate` does.

    Raises RecordsError if a newer version of the app has already changed the tables.
    """
    current = _revision(connection)
    if current != newest_revision():
        migrating = import_module("recsys.database.migrating")  # late: Alembic takes 0.2 s of CPU
        migrating.migrate(connection, current, before_changing)


def newest_revision() -> str:
    """The latest migration, found by the numbers in the files' names."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision


def create_sqlite_file(path: Path) -> None:
    """Make an empty database if there is no file; in either case, keep no log of changes.

    SQLite's alternative, a write-ahead log, stays as long as anybody reads: it would reveal who answered when, and
    what.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
