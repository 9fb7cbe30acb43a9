"""The poll's tables. Who answered is stored separately from the answers, and nothing links the two.

Both sides have random keys and no row numbers; a response has its day and no time; who answered has no time at all.
Other tables must not identify a participant either: a log of searches with times next to a participant's key would
reveal when that participant was here.
"""

from datetime import date

from sqlalchemy import ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column

from recsys.database.table_base import WITHOUT_ROW_NUMBERS, Table

MAX_REMARK = 500


class Participant(Table):
    """A browser that has searched, by the hash of its cookie; in an open poll, whether it has answered."""

    __tablename__ = "survey_participants"
    __table_args__ = WITHOUT_ROW_NUMBERS

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    has_answered: Mapped[bool]


class Invitation(Table):
    """A single-use invitation, by the hash of its token, and whether it was used."""

    __tablename__ = "survey_invitations"
    __table_args__ = WITHOUT_ROW_NUMBERS

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    is_used: Mapped[bool]


class ResponseRow(Table):
    """One person's response; its choices are in `AnswerRow`. Until it `is_counted`, it waits for others."""

    __tablename__ = "survey_responses"
    __table_args__ = WITHOUT_ROW_NUMBERS

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date]
    remark: Mapped[str] = mapped_column(String(MAX_REMARK))
    is_counted: Mapped[bool] = mapped_column(server_default=true())


class AnswerRow(Table):
    """A response's choice at one question, by their keys in `recsys.survey.questions`."""

    __tablename__ = "survey_answers"
    __table_args__ = WITHOUT_ROW_NUMBERS

    response: Mapped[str] = mapped_column(ForeignKey(ResponseRow.key), primary_key=True)
    question: Mapped[str] = mapped_column(String(32), primary_key=True)
    choice: Mapped[str] = mapped_column(String(32))


class TurnedAwayRow(Table):
    """The answers an open poll turned away on a day, because too many came from one address; never whose."""

    __tablename__ = "survey_turned_away"
    __table_args__ = WITHOUT_ROW_NUMBERS

    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]
