"""Who may answer an open poll: a browser that has searched, identified by the hash of its visitor cookie."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from recsys.database.statements import insert_new
from recsys.survey.survey_tables import Participant


def hashed(secret: str) -> str:
    """The hash stored of a cookie or an invitation: enough to recognise it, too little to forge it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def note_search(session: Session, visitor: str) -> None:
    """Record that the visitor has searched, if that is not yet known."""
    insert_new(session, Participant, [{"key": hashed(visitor), "has_answered": False}])


def has_searched(session: Session, visitor: str) -> bool:
    """Whether the visitor has made a search."""
    return session.scalar(select(Participant.key).where(Participant.key == hashed(visitor))) is not None
