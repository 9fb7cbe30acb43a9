"""The base of the records' tables. Only the migrations create and change them in the database."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

WITHOUT_ROW_NUMBERS = {"sqlite_with_rowid": False}  # of a table


class Table(DeclarativeBase):
    """A table of the records."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
