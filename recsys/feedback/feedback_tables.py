"""The usage tables. Nothing in them reveals who searched, at what time, or with which picture.

A search has its day and no time: times would tell when somebody was here, and on a quiet day that, together with the
poll's answers of the same day, would tell who gave them. It has no visitor, not even a number, so a person's searches
cannot be linked; its key looks random to everybody but the browser that made it. Of a photo only its source is stored,
and of words nothing.

The physical order of a database's rows may reveal with which search a browser became a participant of the poll. From
there nothing leads to the answers, which are not linked to participants.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from recsys.database.table_base import WITHOUT_ROW_NUMBERS, Table
from recsys.feedback.sources import Source

KEY_LENGTH = 32


class SearchRow(Table):
    """A search: what it started from, what searched, and how long it took. A search by words has no backbone."""

    __tablename__ = "feedback_searches"
    __table_args__ = (
        CheckConstraint(f"source IN ({', '.join(repr(source.value) for source in Source)})", name="source"),
        WITHOUT_ROW_NUMBERS,
    )

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    day: Mapped[date]
    source: Mapped[str] = mapped_column(String(8))
    backbone: Mapped[str | None] = mapped_column(String(64))
    ranking: Mapped[str | None] = mapped_column(String(32))
    encode_ms: Mapped[float | None]
    search_ms: Mapped[float]


class MatchRow(Table):
    """A product that a search found, at its rank from 1, with the visitor's rating, if any."""

    __tablename__ = "feedback_matches"
    __table_args__ = WITHOUT_ROW_NUMBERS

    search: Mapped[str] = mapped_column(ForeignKey("feedback_searches.key"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    is_it: Mapped[bool]
    is_similar: Mapped[bool | None]
