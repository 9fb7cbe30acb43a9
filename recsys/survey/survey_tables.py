"""The poll's tables. Who answered is kept apart from what was answered, and nothing joins the two.

Both sides have random keys and no row numbers; a response has its day and no time; who answered has
no time at all. Tables of other subjects must not name a participant either: a log of searches with
their times beside a participant's key would tell when that participant was here.
"""

from datetime import date

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from recsys.database.table_base import Table

MAX_REMARK = 500
_WITHOUT_ROW_NUMBERS = {"sqlite_with_rowid": False}


class Participant(Table):
    """A browser that has searched, by the hash of its cookie; in an open poll, whether it has answered."""

    __tablename__ = "survey_participants"
    __table_args__ = _WITHOUT_ROW_NUMBERS

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    has_answered: Mapped[bool]


class Invitation(Table):
    """A single-use invitation, by the hash of its token, and whether it was used."""

    __tablename__ = "survey_invitations"
    __table_args__ = _WITHOUT_ROW_NUMBERS

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    is_used: Mapped[bool]


class ResponseRow(Table):
    """One person's answers."""

    __tablename__ = "survey_responses"
    __table_args__ = (
        CheckConstraint("preference IN ('text', 'image')", name="preference"),
        CheckConstraint("easier IN ('yes', 'no')", name="easier"),
        CheckConstraint("intuitive IN ('yes', 'no')", name="intuitive"),
        CheckConstraint("faster IN ('yes', 'no')", name="faster"),
        CheckConstraint("coming_back IN ('yes', 'no')", name="coming_back"),
        _WITHOUT_ROW_NUMBERS,
    )

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date]
    preference: Mapped[str] = mapped_column(String(5))
    easier: Mapped[str] = mapped_column(String(3))
    intuitive: Mapped[str] = mapped_column(String(3))
    faster: Mapped[str] = mapped_column(String(3))
    coming_back: Mapped[str] = mapped_column(String(3))
    remark: Mapped[str] = mapped_column(String(MAX_REMARK))
