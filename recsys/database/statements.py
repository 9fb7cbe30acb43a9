"""Statements whose syntax differs between databases."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from sqlalchemy.orm import Session

from recsys.database.table_base import Table


def insert_new(session: Session, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose keys are not in the table yet; leave existing ones unchanged."""
    if rows:
        dialect = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")  # PostgreSQL's takes 0.1 s
        session.execute(dialect.insert(table.__table__).on_conflict_do_nothing(), rows)
