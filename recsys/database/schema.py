"""The tables' state: made and brought up to date by Alembic's migrations, which keep the data."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from recsys.errors import RecordsError

MIGRATIONS = Path(__file__).with_name("migrations")


def bring_up_to_date(connection: Connection, before_changing: Callable[[str], None] = lambda revision: None) -> None:
    """Run the migrations that the database has not seen, in the connection's transaction.

    `before_changing` gets the revision of tables that are there already, before they are changed.

    Raises RecordsError when a newer version of the app has already changed the tables.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise RecordsError(
            f"Expected records of this version of the app or an older one, got those of a newer one ({current}): "
            "update the app."
        )
    if current != scripts.get_current_head():
        if current is not None:
            before_changing(current)
        command.upgrade(config, "head")


def create_sqlite_file(path: Path) -> None:
    """Make an empty database where there is no file; in either case, keep no log of what was written with what.

    SQLite's other way, a write-ahead log, stays as long as anybody reads: it would tell who answered when, and what.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
