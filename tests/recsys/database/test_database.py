import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, text

from recsys.database.database import Database, open_database
from recsys.database.engines import make_engine, records_address, sqlite_path
from recsys.database.schema import MIGRATIONS, create_sqlite_file
from recsys.database.table_base import Table
from recsys.errors import RecordsError
from recsys.settings import Settings
from recsys.survey import survey_tables
from recsys.survey.participants import has_searched, note_search
from recsys.survey.responses import read_responses
from tests.at_once import run_at_once
from tests.recsys.database.older_records import make_older_records

HEAD = ScriptDirectory(str(MIGRATIONS)).get_current_head()


def revisions(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("select version_num from alembic_version")]


def open_and_note(url: URL, name: str) -> None:
    with open_database(url).writing() as session:
        note_search(session, name)


def test_four_processes_that_start_at_once_make_the_tables_once_and_lose_nothing(url: URL) -> None:
    run_at_once(open_and_note, *((url, f"visitor {number}") for number in range(4)))
    path = sqlite_path(url)
    assert revisions(path) == [HEAD]
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from survey_participants").fetchone() == (4,)


def test_the_migrations_lead_to_the_tables_that_the_code_describes(url: URL) -> None:
    open_database(url)
    assert survey_tables.ResponseRow.__table__ in Table.metadata.tables.values()
    with make_engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_existing_records_stay_when_the_database_is_opened_again(database: Database, url: URL) -> None:
    with database.writing() as session:
        note_search(session, "somebody")
    with open_database(url).reading() as session:
        assert has_searched(session, "somebody")
        assert not has_searched(session, "nobody")


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_records_of_an_older_version_are_brought_up_to_date_with_all_that_is_in_them(url: URL, revision: str) -> None:
    path = sqlite_path(url)
    path.parent.mkdir()
    create_sqlite_file(path)
    responses = make_older_records(url, revision)
    with open_database(url).reading() as session:
        assert session.execute(text("select * from survey_participants")).all() == [("a key", 1)]
        assert session.execute(text("select * from survey_invitations")).all() == [("another key", 0)]
        assert read_responses(session) == responses
    assert revisions(path) == [HEAD]


def test_a_failure_in_a_transaction_leaves_nothing_of_it(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        note_search(session, "somebody")
        raise ZeroDivisionError
    with database.reading() as session:
        assert not has_searched(session, "somebody")


def test_a_commit_is_on_the_disk_and_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.reading() as session:
        assert session.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert session.scalar(text("PRAGMA journal_mode")) == "delete"
        assert session.scalar(text("PRAGMA secure_delete")) == 1
    with database.writing() as writer:
        note_search(writer, "somebody")
        with database.reading() as reader:
            assert not has_searched(reader, "somebody")


def test_many_threads_write_at_the_same_time(database: Database) -> None:
    def note(number: int) -> None:
        with database.writing() as session:
            note_search(session, str(number))

    with ThreadPoolExecutor(40) as threads:
        list(threads.map(note, range(40)))
    with database.reading() as session:
        assert session.scalar(text("select count(*) from survey_participants")) == 40


def test_a_locked_database_is_named_after_the_wait(database: Database, url: URL) -> None:
    with sqlite3.connect(sqlite_path(url), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsError, match="another program keeps it locked"), database.writing(wait_seconds=0.05):
            pass
        other.execute("ROLLBACK")
    with database.writing(wait_seconds=0.05) as session:
        note_search(session, "somebody")


def test_a_missing_database_is_reported_and_not_recreated(database: Database, url: URL) -> None:
    path = sqlite_path(url)
    path.unlink()
    for transaction in (database.reading, database.writing):
        with pytest.raises(RecordsError, match="it is gone: put it back"), transaction():
            pass
    assert not path.exists()


@pytest.mark.parametrize("content", [b"no database, but a text that somebody put here\n" * 40, os.urandom(9000)])
def test_a_file_that_is_no_database_is_named_and_not_touched(url: URL, content: bytes) -> None:
    path = sqlite_path(url)
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(RecordsError, match=r"Expected a SQLite database at .+, but that file is none"):
        open_database(url)
    assert path.read_bytes() == content


def test_records_of_a_newer_version_are_named_and_not_touched(database: Database, url: URL) -> None:
    with sqlite3.connect(sqlite_path(url)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(RecordsError, match=r"those of a newer one \(9999\): update the app"):
        open_database(url)
    assert revisions(sqlite_path(url)) == ["9999"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordsError, match="the machine refused"):
        open_database(URL.create("sqlite", database=str(tmp_path / "file" / "records.db")))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("no address", "Expected RECSYS_RECORDS_DATABASE_URL to be an address"),
        ("sqlite://", "to name SQLite's file"),
        ("sqlite:///file:x.db?uri=true", "to name SQLite's file"),
        ("mysql://user:s3cret@host/x", "to name SQLite or PostgreSQL, got 'mysql'"),
        ("postgresql+nonesuch://user:s3cret@host/x", "a driver that SQLAlchemy knows, got 'postgresql.nonesuch'"),
        ("postgresql+pg8000://user:s3cret@host/x", "module pg8000, the driver"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_without_its_password(address: str, said: str) -> None:
    with pytest.raises(RecordsError, match=said) as caught:
        open_database(records_address(Settings(records_database_url=address)))
    assert "s3cret" not in str(caught.value)


def test_a_path_with_special_characters_of_addresses_is_taken_literally(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "100% of #1? & more")
    open_database(records_address(settings))
    assert (settings.records / "records.db").is_file()
    assert create_engine(records_address(settings)).url.database == str(settings.records / "records.db")


def test_an_empty_address_is_none(tmp_path: Path) -> None:
    assert records_address(Settings(home=tmp_path, records_database_url="")) == records_address(Settings(home=tmp_path))
