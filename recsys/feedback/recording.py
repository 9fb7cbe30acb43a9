"""Recording usage: each search once, however often its page is drawn; each match's rating in its current state."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recsys.database.database import Database
from recsys.database.statements import insert_new
from recsys.feedback.feedback_tables import KEY_LENGTH, MatchRow, SearchRow
from recsys.feedback.sources import Source
from recsys.survey.participants import has_searched, note_search

RECORD_WAIT_SECONDS = 2.0  # for other writers: a page must not wait long for the records


def random_key() -> str:
    """A key for a search that nobody can request again once its page is closed."""
    return secrets.token_hex(KEY_LENGTH // 2)


def repeatable_key(visitor: str, identity: str) -> str:
    """The key of a search that the visitor's browser may repeat, for example by reloading its address.

    Without the visitor's cookie, which is not stored, it reveals neither the visitor nor the search.
    """
    return hmac.digest(visitor.encode(), identity.encode(), hashlib.sha256).hex()[:KEY_LENGTH]


@dataclass(frozen=True)
class Search:
    """A search and the products it found, best first; for words, the optional fields are None."""

    day: date
    source: Source
    product_ids: tuple[str, ...]
    search_ms: float
    encode_ms: float | None = None
    backbone: str | None = None
    ranking: str | None = None
    key: str = field(default_factory=random_key)


@dataclass(frozen=True)
class Mark:
    """A visitor's rating of a match: that it is the right product, and whether it is similar (None: not rated)."""

    is_it: bool = False
    is_similar: bool | None = None


Marks = dict[int, Mark]
"""The ratings of a search's matches, by rank from 1."""


def record_search(
    database: Database, search: Search, visitor: str | None, *, wait_seconds: float = RECORD_WAIT_SECONDS
) -> None:
    """Save the search, unless it is saved already, and that the visitor has searched. Raises RecordsError.

    In two transactions: the changes of one lie together in the database's files, which would link the two.
    """
    with database.writing(wait_seconds=wait_seconds) as session:
        _keep(session, search)
        is_known = visitor is None or has_searched(session, visitor)
    if visitor is not None and not is_known:
        with database.writing(wait_seconds=wait_seconds) as session:
            note_search(session, visitor)


def read_marks(database: Database, key: str) -> Marks:
    """The ratings of the matches of the search `key`; empty if it was not saved. Raises RecordsError."""
    with database.reading(wait_seconds=RECORD_WAIT_SECONDS) as session:
        return _marks(session, key)


def mark_match(
    database: Database,
    search: Search,
    rank: int,
    before: Mark,
    after: Mark,
    *,
    wait_seconds: float = RECORD_WAIT_SECONDS,
) -> Marks:
    """Change the rating of a match; return the current ratings of all matches. Raises RecordsError.

    Parts that are the same `before` and `after` are left alone: another tab may have changed them.
    """
    changes = {name: value for name, value in vars(after).items() if value != getattr(before, name)}
    with database.writing(wait_seconds=wait_seconds) as session:
        _keep(session, search)  # missing if the database was unavailable when the search was made
        if changes:
            row = (MatchRow.search == search.key, MatchRow.rank == rank)
            session.execute(update(MatchRow).where(*row).values(**changes))
        return _marks(session, search.key)


def _keep(session: Session, search: Search) -> None:
    values = {name: value for name, value in vars(search).items() if name != "product_ids"}
    insert_new(session, SearchRow, [values])
    insert_new(
        session,
        MatchRow,
        [
            {"search": search.key, "rank": rank, "product_id": product_id, "is_it": False, "is_similar": None}
            for rank, product_id in enumerate(search.product_ids, start=1)
        ],
    )


def _marks(session: Session, key: str) -> Marks:
    rows = session.execute(select(MatchRow.rank, MatchRow.is_it, MatchRow.is_similar).where(MatchRow.search == key))
    return {rank: Mark(is_it, is_similar) for rank, is_it, is_similar in rows}
