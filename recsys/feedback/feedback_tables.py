"""The tables of what people did. Nothing in them tells who searched, at what time, or with which picture.

A search has its day and no time: times would tell when somebody was here, and on a quiet day that, beside the poll's
answers of the same day, would tell who gave them. It has no visitor, not even by a number, so that the searches of a
person cannot be put together; its key is random to everybody but the browser that made it. Of a photo nothing is kept
but how it came, and of words nothing.

How a database lays down rows may tell with which search a browser became a participant of the poll. From there no way
leads to the answers, which know nothing of participants.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from recsys.database.table_base import Table
from recsys.feedback.sources import Source

KEY_LENGTH = 32
_WITHOUT_ROW_NUMBERS = {"sqlite_with_rowid": False}


class SearchRow(Table):
    """A search: with what, by what, and how long it took. Words are searched for without a backbone."""

    __tablename__ = "feedback_searches"
    __table_args__ = (
        CheckConstraint(f"source IN ({', '.join(repr(source.value) for source in Source)})", name="source"),
        _WITHOUT_ROW_NUMBERS,
    )

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    day: Mapped[date]
    source: Mapped[str] = mapped_column(String(8))
    backbone: Mapped[str | None] = mapped_column(String(64))
    ranking: Mapped[str | None] = mapped_column(String(32))
    encode_ms: Mapped[float | None]
    search_ms: Mapped[float]


class MatchRow(Table):
    """A product that a search found, at its rank from 1, and what the visitor who searched says of it, if anything."""

    __tablename__ = "feedback_matches"
    __table_args__ = _WITHOUT_ROW_NUMBERS

    search: Mapped[str] = mapped_column(ForeignKey("feedback_searches.key"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    is_it: Mapped[bool]
    is_similar: Mapped[bool | None]
