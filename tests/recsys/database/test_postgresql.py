"""The same records in PostgreSQL, where its server is installed."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, text

from recsys.database.database import Database, open_database
from recsys.database.engines import make_engine, records_address
from recsys.database.table_base import Table
from recsys.errors import RecordsError
from recsys.feedback.recording import Mark, mark_match, record_search
from recsys.feedback.usage_summary import read_searches
from recsys.settings import Settings
from recsys.survey.admission import Eligibility, Respondent
from recsys.survey.invitations import invite
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.responses import read_responses
from recsys.survey.summary import Invitations, count_invitations
from tests.postgresql import Server, running_server
from tests.recsys.database.older_records import make_older_records
from tests.recsys.feedback.searches import searched
from tests.recsys.survey.answers import ALL_FOR_IT


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A running server."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def settings(server: Server) -> Settings:
    """The settings for that server."""
    return Settings(records_database_url=server.address)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A database whose tables several threads created at once."""
    with ThreadPoolExecutor(6) as threads:
        databases = list(threads.map(lambda _: open_database(records_address(settings)), range(6)))
    yield databases[0]
    with make_engine(records_address(settings)).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))


def test_a_database_without_an_encoding_serves_as_well(settings: Settings) -> None:
    address = records_address(settings)
    with make_engine(address).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'"))
    database = open_database(address.set(database="plain"))
    with database.reading() as connection:
        assert connection.execute(text("SELECT 'größe'")).scalar() == "größe"


def test_the_migrations_lead_to_the_tables_that_the_code_describes(database: Database, settings: Settings) -> None:
    with make_engine(records_address(settings)).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_records_of_the_version_before_are_brought_up_to_date_with_all_that_is_in_them(settings: Settings) -> None:
    url = records_address(settings)
    responses = make_older_records(url, "0002")
    with open_database(url).reading() as session:
        assert read_responses(session) == responses
        transactions = session.scalars(
            text("SELECT xmin::text FROM survey_responses UNION SELECT xmin::text FROM survey_answers")
        )
        assert len(transactions.all()) == 1
    with make_engine(url).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))


def test_people_answer_at_once_and_each_of_them_once(database: Database) -> None:
    with database.writing() as session:
        for person in range(20):
            note_search(session, str(person))
            note_search(session, str(person))
    poll = Poll(database, "open")
    with ThreadPoolExecutor(20) as threads:
        standings = Counter(
            threads.map(lambda n: poll.submit(Respondent(str(n % 20)), ALL_FOR_IT, f"remark {n % 20}"), range(40))
        )
    assert standings == {Eligibility.MAY_ANSWER: 20, Eligibility.HAS_ANSWERED: 20}
    with database.reading() as session:
        assert {response.remark for response in read_responses(session)} == {f"remark {n}" for n in range(20)}


def test_invitations_are_counted(database: Database, tmp_path: Path) -> None:
    invite(database, 3, tmp_path / "invites.csv", "http://app")
    with database.writing() as session:
        note_search(session, "ana")
    token = (tmp_path / "invites.csv").read_text().split("=")[-1].strip()
    assert Poll(database, "invited").submit(Respondent("ana", token), ALL_FOR_IT) is Eligibility.MAY_ANSWER
    with database.reading() as session:
        assert count_invitations(session) == Invitations(3, 1)


def test_the_transaction_that_wrote_a_row_links_nobody_to_their_answers(database: Database) -> None:
    poll = Poll(database, "open")
    for person in range(8):
        with database.writing() as session:
            note_search(session, str(person))
        poll.submit(Respondent(str(person)), ALL_FOR_IT)
    with database.reading() as session:
        who = session.scalars(text("SELECT xmin::text FROM survey_participants ORDER BY key")).all()
        what = [
            session.scalars(text(f"SELECT xmin::text FROM {table}")).all()
            for table in ("survey_responses", "survey_answers")
        ]
        keys = session.scalars(text("SELECT key FROM survey_responses ORDER BY ctid")).all()
        answers = session.execute(text("SELECT response, question FROM survey_answers ORDER BY ctid")).all()
    assert len(set(who)) == 1  # nothing reveals who answered first, either
    assert len({*what[0], *what[1]}) == 1
    assert keys == sorted(keys)
    assert answers == sorted(answers)
    assert len(answers) == 8 * len(ALL_FOR_IT)


def test_usage_is_stored_once_and_counted_as_in_sqlite(database: Database, tmp_path: Path) -> None:
    usages, chance = [], random.Random(2)
    searches = [
        searched(day=date(2026, 11, 1 + chance.randrange(5)), source=chance.choice(("camera", "product")))
        for _ in range(20)
    ]
    said = [
        (search, rank, Mark(rank == 2, chance.choice((True, False, None)))) for search in searches for rank in (1, 2)
    ]
    for records in (database, open_database(URL.create("sqlite", database=str(tmp_path / "records.db")))):
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda search: record_search(records, search, "ana", wait_seconds=60), searches * 2))  # noqa: B023
        for search, rank, mark in said:
            assert mark_match(records, search, rank, Mark(), mark)[rank] == mark
        with records.reading() as session:
            found = sorted(read_searches(session), key=str)
        usages.append(found)
    assert usages[0] == usages[1]
    assert sum(search.is_found for search in usages[0]) == len(usages[0]) == 20


def test_a_server_that_is_not_there_is_named_without_its_password(settings: Settings, tmp_path: Path) -> None:
    address = f"postgresql+psycopg://postgres:s3cret@/postgres?host={tmp_path}"
    with pytest.raises(RecordsError, match="Expected to use the records' database postgresql") as caught:
        open_database(records_address(Settings(records_database_url=address)))
    assert "s3cret" not in str(caught.value)


def test_a_server_that_is_stopped_is_named_and_used_again_once_it_is_started(
    database: Database, server: Server
) -> None:
    search = searched(day=date(2026, 11, 1), source="camera")
    server.stop()
    try:
        with pytest.raises(RecordsError, match="Expected to use the records' database postgresql") as caught:
            record_search(database, search, "ana")
    finally:
        server.start()
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)
    record_search(database, search, "ana")
    with database.reading() as session:
        assert len(read_searches(session)) == 1


def test_a_writer_who_waits_too_long_is_told_so(database: Database) -> None:
    with database.writing(), pytest.raises(RecordsError, match="lock timeout"), database.writing(wait_seconds=0.1):
        pass
