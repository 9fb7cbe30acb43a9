from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL

from recsys.database.database import Database, open_database
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll

TODAY = date(2026, 11, 20)


@pytest.fixture
def url(tmp_path: Path) -> URL:
    """The URL of a database that does not exist yet."""
    return URL.create("sqlite", database=str(tmp_path / "records" / "records.db"))


@pytest.fixture
def database(url: URL) -> Database:
    return open_database(url)


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
