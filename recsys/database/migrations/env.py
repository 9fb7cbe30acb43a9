"""Alembic's entry point: run the migrations in the caller's transaction, or for the `alembic` command."""

from alembic import context
from sqlalchemy import Connection

from recsys.database.engines import make_engine, records_address
from recsys.database.table_base import Table
from recsys.feedback import feedback_tables as _feedback_tables  # noqa: F401  # registers the tables in Table.metadata
from recsys.settings import load_settings
from recsys.survey import survey_tables as _survey_tables  # noqa: F401


def run(connection: Connection) -> None:
    """Run the requested migrations."""
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,  # SQLite changes a table by copying it
        transactional_ddl=True,  # also true of SQLite, since the app begins its transactions
    )
    with context.begin_transaction():
        context.run_migrations()


if "connection" in context.config.attributes:
    run(context.config.attributes["connection"])
else:
    engine = make_engine(records_address(load_settings()))
    with engine.begin() as own_connection:
        run(own_connection)
