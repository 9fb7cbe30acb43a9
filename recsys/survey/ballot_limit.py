"""How many answers an open poll takes from one address in an hour: cookies can be made, addresses less easily.

Addresses are kept in the process's memory alone, for an hour; of answers that are turned away, their number by day.
"""

from datetime import date

from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recsys.database.statements import insert_new
from recsys.survey.survey_tables import TurnedAwayRow


class BallotLimit:
    """Counts the answers of each address in the last hour, for all visitors of the process. Threads may share it."""

    def __init__(self, hourly: int) -> None:
        self._item = RateLimitItemPerHour(hourly)
        self._taken = MovingWindowRateLimiter(MemoryStorage())

    def has_room(self, address: str) -> bool:
        """Whether one more answer may come from the address now."""
        return self._taken.test(self._item, address)

    def take(self, address: str) -> None:
        """Count an answer from the address."""
        self._taken.hit(self._item, address)


def count_turned_away(session: Session, day: date) -> int:
    """Add one to the answers that were turned away on the day; return how many there are."""
    insert_new(session, TurnedAwayRow, [{"day": day, "count": 0}])
    is_it = TurnedAwayRow.day == day
    session.execute(update(TurnedAwayRow).where(is_it).values(count=TurnedAwayRow.count + 1))
    return session.scalars(select(TurnedAwayRow.count).where(is_it)).one()


def num_turned_away(session: Session, since: date | None = None, until: date | None = None) -> int:
    """How many answers were turned away from `since` to `until`, both included."""
    query = select(func.coalesce(func.sum(TurnedAwayRow.count), 0))
    if since is not None:
        query = query.where(TurnedAwayRow.day >= since)
    if until is not None:
        query = query.where(TurnedAwayRow.day <= until)
    return session.scalar(query) or 0
