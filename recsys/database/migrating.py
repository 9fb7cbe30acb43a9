"""Migrating the tables with Alembic, in a module of its own because Alembic is slow to import."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from recsys.database.schema import MIGRATIONS
from recsys.errors import RecordsError


def migrate(connection: Connection, current: str | None, before_changing: Callable[[str], None]) -> None:
    """Run the migrations after the revision `current`, None meaning all, in the connection's transaction.

    `before_changing` is called with the revision of existing tables before they are changed.

    Raises RecordsError if a newer version of the app has already changed the tables.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise RecordsError(
            f"Expected records of this version of the app or an older one, got those of a newer one ({current}): "
            "update the app."
        )
    if current is not None:
        before_changing(current)
    command.upgrade(config, "head")
