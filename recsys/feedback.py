"""What people did: for now, that a visitor has searched, which the poll asks for."""

from recsys.database.database import Database
from recsys.survey.participants import note_search

WAIT_SECONDS = 1.0  # a search must not wait for the records


def record_search(database: Database, visitor: str) -> None:
    """Record a search of the visitor whose cookie is `visitor`. Raises RecordsError."""
    with database.writing(wait_seconds=WAIT_SECONDS) as session:
        note_search(session, visitor)
