"""Alembic's entry: run the migrations in the transaction of whoever opens the database, or for `alembic` itself."""

from alembic import context
from sqlalchemy import Connection

from recsys.database.engines import make_engine, records_address
from recsys.database.table_base import Table
from recsys.feedback import feedback_tables as _feedback_tables  # noqa: F401  # makes them known to Table.metadata
from recsys.settings import load_settings
from recsys.survey import survey_tables as _survey_tables  # noqa: F401


def run(connection: Connection) -> None:
    """Run the migrations that were asked for."""
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,  # SQLite changes a table by writing it anew
        transactional_ddl=True,  # true of SQLite too, since its transactions are begun by us
    )
    with context.begin_transaction():
        context.run_migrations()


if "connection" in context.config.attributes:
    run(context.config.attributes["connection"])
else:
    engine = make_engine(records_address(load_settings()))
    with engine.begin() as own_connection:
        run(own_connection)
