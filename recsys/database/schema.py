"""The tables' state: brought up to date by migrations, which keep the data."""

import sqlite3
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, inspect

MIGRATIONS = Path(__file__).with_name("migrations")


def bring_up_to_date(connection: Connection, before_changing: Callable[[str], None] = lambda revision: None) -> None:
    """Run the migrations that the database has not seen, if any, as `migrating.migrate` does.

    Raises RecordsError when a newer version of the app has already changed the tables.
    """
    current = _revision(connection)
    if current != newest_revision():
        migrating = import_module("recsys.database.migrating")  # only now: Alembic takes a fifth of a second of CPU
        migrating.migrate(connection, current, before_changing)


def newest_revision() -> str:
    """The last of the migrations, by whose numbers their files are named."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision


def create_sqlite_file(path: Path) -> None:
    """Make an empty database where there is no file; in either case, keep no log of what was written with what.

    SQLite's other way, a write-ahead log, stays as long as anybody reads: it would tell who answered when, and what.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
