"""Who may answer, once each: identified by the browser in an open poll, by an invitation in an invited one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sqlalchemy import or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from recsys.survey.participants import hashed
from recsys.survey.survey_tables import Invitation, Participant

Mode = Literal["open", "invited"]


class Eligibility(StrEnum):
    """Whether somebody may answer the poll, and if not, why."""

    MAY_ANSWER = "may answer"
    HAS_ANSWERED = "has answered"
    HAS_NOT_SEARCHED = "has not searched"
    NOT_INVITED = "not invited"
    UNKNOWN_INVITATION = "unknown invitation"
    UNKNOWN_BROWSER = "unknown browser"
    TURNED_AWAY = "turned away"


@dataclass(frozen=True)
class Respondent:
    """A visitor: the browser's cookie, an invitation's token and the address, as far as known.

    The address is only for the poll's limit: it is stored nowhere.
    """

    visitor: str | None
    invitation: str | None = None
    address: str = "loopback"


def eligibility(session: Session, mode: Mode, respondent: Respondent) -> Eligibility:
    """Whether the respondent may answer the poll now."""
    if mode == "invited":
        by_invitation = _invitation_eligibility(session, respondent.invitation)
        if by_invitation is not Eligibility.MAY_ANSWER:
            return by_invitation
    return _visitor_eligibility(session, respondent.visitor, is_counted=mode == "open")


def mark_answered(session: Session, mode: Mode, respondent: Respondent) -> None:
    """Use up the respondent's right to answer, which `eligibility` found in the same turn.

    The mark is set in an existing row: a new row's position would reveal its time.
    """
    if mode == "invited":
        _mark(session, Invitation.key, Invitation.is_used, str(respondent.invitation))
    else:
        _mark(session, Participant.key, Participant.has_answered, str(respondent.visitor))


def _mark(session: Session, key: InstrumentedAttribute[str], mark: InstrumentedAttribute[bool], secret: str) -> None:
    is_it = key == hashed(secret)
    statement = update(key.class_).values({mark: or_(mark, is_it)})
    if (
        session.get_bind().dialect.name != "postgresql"
    ):  # row versions reveal the time of writing there: rewrite all rows
        statement = statement.where(is_it)
    session.execute(statement)


def _invitation_eligibility(session: Session, token: str | None) -> Eligibility:
    if token is None:
        return Eligibility.NOT_INVITED
    is_used = session.scalar(select(Invitation.is_used).where(Invitation.key == hashed(token)))
    if is_used is None:
        return Eligibility.UNKNOWN_INVITATION
    return Eligibility.HAS_ANSWERED if is_used else Eligibility.MAY_ANSWER


def _visitor_eligibility(session: Session, visitor: str | None, *, is_counted: bool) -> Eligibility:
    if visitor is None:
        return Eligibility.UNKNOWN_BROWSER
    has_answered = session.scalar(select(Participant.has_answered).where(Participant.key == hashed(visitor)))
    if has_answered is None:
        return Eligibility.HAS_NOT_SEARCHED
    return Eligibility.HAS_ANSWERED if has_answered and is_counted else Eligibility.MAY_ANSWER
