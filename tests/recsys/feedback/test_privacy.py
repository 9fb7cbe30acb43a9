"""Attempts to find out who searched, when, and with what, given everything that is stored."""

import hashlib
import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, event

from recsys.database.database import Database
from recsys.database.engines import sqlite_path
from recsys.feedback.recording import Mark, mark_match, record_search, repeatable_key
from recsys.survey.admission import Respondent
from recsys.survey.poll import Poll
from tests.recsys.feedback.searches import searched
from tests.recsys.survey.answers import ALL_FOR_IT

TABLES = ("feedback_searches", "feedback_matches")
POLL = ("survey_participants", "survey_invitations", "survey_responses")
COOKIES = [f"the cookie of visitor {number}" for number in range(12)]


@pytest.fixture
def connection(database: Database, url: URL) -> Iterator[sqlite3.Connection]:
    """The records after twelve visitors have searched, rated and answered the poll."""
    for number, cookie in enumerate(COOKIES):
        key = repeatable_key(cookie, f"product {number}")
        search = searched(key=key, source="product")
        record_search(database, search, cookie)
        mark_match(database, search, 1, Mark(), Mark(is_it=True, is_similar=True))
        Poll(database, "open").submit(Respondent(cookie), ALL_FOR_IT, f"remark {number}")
    with sqlite3.connect(sqlite_path(url)) as connection:
        yield connection


def values(connection: sqlite3.Connection, table: str) -> set[str]:
    return {value for row in connection.execute(f"select * from {table}") for value in row if isinstance(value, str)}


def test_no_value_joins_a_search_and_the_poll_but_the_day(connection: sqlite3.Connection) -> None:
    searches = set().union(*(values(connection, table) for table in TABLES))
    poll = set().union(*(values(connection, table) for table in POLL))
    (day,) = {row[0] for row in connection.execute("select distinct day from survey_responses")}
    assert len(poll) > 12
    assert not searches & (poll - {day})


def test_a_search_has_no_visitor_no_time_and_no_number(connection: sqlite3.Connection) -> None:
    columns = {table: {row[1] for row in connection.execute(f"pragma table_info({table})")} for table in TABLES}
    assert columns == {
        "feedback_searches": {"key", "day", "source", "backbone", "ranking", "encode_ms", "search_ms"},
        "feedback_matches": {"search", "rank", "product_id", "is_it", "is_similar"},
    }
    for table in TABLES:
        with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
            connection.execute(f"select rowid from {table}")
    assert {row[0] for row in connection.execute("select day from feedback_searches")} == {"2026-11-20"}


def test_stored_data_about_a_visitor_does_not_reveal_their_search_s_key(connection: sqlite3.Connection) -> None:
    keys = values(connection, "feedback_searches")
    hashes = [row[0] for row in connection.execute("select key from survey_participants")]
    assert hashlib.sha256(COOKIES[3].encode()).hexdigest() in hashes
    guesses = {repeatable_key(guess, f"product {number}") for guess in hashes for number in range(12)}
    assert not guesses & keys
    assert repeatable_key(COOKIES[3], "product 3") in keys  # the same guess with the cookie at hand


def test_the_searches_of_a_visitor_cannot_be_put_together(database: Database, url: URL) -> None:
    for number in range(30):
        record_search(database, searched(key=repeatable_key("ana", f"product {number}")), "ana")
    with sqlite3.connect(sqlite_path(url)) as connection:
        keys = [row[0] for row in connection.execute("select key from feedback_searches")]
    assert len({key[:8] for key in keys}) == len({key[-8:] for key in keys}) == 30


def test_the_first_search_and_the_searcher_are_never_written_together(database: Database) -> None:
    together: list[set[str]] = [set()]

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:
        if statement.startswith("BEGIN"):
            together.append(set())
        together[-1].update(table for table in (*TABLES, *POLL) if f"INTO {table}" in statement)

    event.listen(database._engine, "before_cursor_execute", note)
    record_search(database, searched(), "the cookie of somebody new")
    assert [tables for tables in together if tables] == [set(TABLES), {"survey_participants"}]
