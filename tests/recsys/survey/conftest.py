from collections.abc import Callable
from datetime import date

import pytest

from recsys.database.database import Database
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll

TODAY = date(2026, 11, 20)


@pytest.fixture
def poll(database: Database) -> Poll:
    """A poll that is open to everybody, always on the same day."""
    return Poll(database, "open", today=lambda: TODAY)


@pytest.fixture
def searched(database: Database) -> Callable[..., None]:
    """Record that visitors have searched."""

    def note(*visitors: str) -> None:
        with database.writing() as session:
            for visitor in visitors:
                note_search(session, visitor)

    return note
