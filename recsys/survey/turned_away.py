"""The number of answers an open poll turned away per day, because too many came from one address."""

from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recsys.database.statements import insert_new
from recsys.survey.survey_tables import TurnedAwayRow


def count_turned_away(session: Session, day: date) -> int:
    """Count one more answer turned away on the day; return the new number."""
    insert_new(session, TurnedAwayRow, [{"day": day, "count": 0}])
    is_it = TurnedAwayRow.day == day
    session.execute(update(TurnedAwayRow).where(is_it).values(count=TurnedAwayRow.count + 1))
    return session.scalars(select(TurnedAwayRow.count).where(is_it)).one()


def num_turned_away(session: Session, since: date | None = None, until: date | None = None) -> int:
    """The number of answers turned away from `since` to `until`, inclusive."""
    query = select(func.coalesce(func.sum(TurnedAwayRow.count), 0))
    if since is not None:
        query = query.where(TurnedAwayRow.day >= since)
    if until is not None:
        query = query.where(TurnedAwayRow.day <= until)
    return session.scalar(query) or 0
