"""Copies of the records: consistent, checked, and restored only where there is nothing."""

import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, make_url

from recsys.database.copies import copy_database, problems_in, restore_database
from recsys.database.database import Database, open_database
from recsys.database.engines import make_engine
from recsys.database.schema import MIGRATIONS, create_sqlite_file
from recsys.errors import RecordsError
from recsys.survey.participants import has_searched, note_search

POSTGRESQL = make_url("postgresql+psycopg://reader:secret@nowhere/shop")


def test_a_copy_holds_what_was_written_while_others_write(database: Database, url: URL, tmp_path: Path) -> None:
    with database.writing() as session:
        note_search(session, "ana")
    with database.writing() as session:
        note_search(session, "budi")
        copy_database(url, tmp_path / "copy.db")  # without Budi
    copied = open_database(URL.create("sqlite", database=str(tmp_path / "copy.db")))
    with copied.reading() as session:
        assert (has_searched(session, "ana"), has_searched(session, "budi")) == (True, False)


def test_records_that_a_kill_left_half_written_are_copied_as_they_were_before(
    database: Database, url: URL, tmp_path: Path
) -> None:
    with database.writing() as session:
        note_search(session, "ana")
    path = Path(url.database or "")
    child = os.fork()
    if child == 0:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the transaction ends
        connection.executemany("insert into survey_participants values (?, 0)", [(str(n) * 60,) for n in range(999)])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert path.with_name("records.db-journal").exists()
    copy_database(url, tmp_path / "copy.db")
    assert problems_in(tmp_path / "copy.db") == []
    with sqlite3.connect(tmp_path / "copy.db") as connection:
        assert connection.execute("select count(*) from survey_participants").fetchone() == (1,)


def test_a_later_copy_removes_leftovers_of_killed_ones_but_not_copies_in_progress(
    database: Database, url: URL, tmp_path: Path
) -> None:
    left, under_way = tmp_path / ".copy.db.1.part", tmp_path / ".copy.db.2.part-journal"
    for part in (left, under_way):
        part.touch()
    os.utime(left, (0, 0))
    copy_database(url, tmp_path / "copy.db")
    assert [part.exists() for part in (left, under_way)] == [False, True]


def test_a_copy_is_one_file_that_only_its_owner_reads(database: Database, url: URL, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    copy_database(url, tmp_path / "copies" / "copy.db")
    (copy,) = (tmp_path / "copies").iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_copy_is_restored_if_there_is_nothing(database: Database, url: URL, tmp_path: Path) -> None:
    with database.writing() as session:
        note_search(session, "ana")
    copy_database(url, tmp_path / "copy.db")
    with pytest.raises(RecordsError, match=r"found records\.db: move that away"):
        restore_database(tmp_path / "copy.db", url)
    other = URL.create("sqlite", database=str(tmp_path / "another home" / "records.db"))
    restore_database(tmp_path / "copy.db", other)
    with open_database(other).reading() as session:
        assert has_searched(session, "ana")


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to look at" * 100])
def test_a_file_that_is_no_copy_is_not_put_back(content: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "copy.db", tmp_path / "home" / "records.db"
    source.write_bytes(content)
    if not content:
        source.unlink()
    with pytest.raises(RecordsError, match=r"Expected a (copy of the records|SQLite database) at .*copy\.db"):
        restore_database(source, URL.create("sqlite", database=str(target)))
    assert not target.exists()


def test_a_damaged_database_is_not_copied_over_an_older_copy(database: Database, url: URL, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy_database(url, copy)
    before = copy.read_bytes()
    with database.writing() as session:
        for number in range(2_000):
            note_search(session, f"visitor {number}")
    path = Path(url.database or "")
    content = bytearray(path.read_bytes())
    content[20_000:40_000] = b"x" * 20_000
    path.write_bytes(content)
    with pytest.raises(RecordsError):
        copy_database(url, copy)
    assert copy.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".copy*")] == []


@pytest.mark.parametrize("work", [copy_database, restore_database])
def test_records_in_postgresql_are_left_to_its_own_tools(work, tmp_path: Path) -> None:
    arguments = (POSTGRESQL, tmp_path / "copy.db") if work is copy_database else (tmp_path / "copy.db", POSTGRESQL)
    with pytest.raises(RecordsError, match="pg_") as failure:
        work(*arguments)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("end", ["-journal", "-wal"])
def test_nothing_is_restored_next_to_leftovers_of_other_records(
    database: Database, url: URL, tmp_path: Path, end: str
) -> None:
    copy_database(url, tmp_path / "copy.db")
    (tmp_path / f"new.db{end}").write_bytes(b"pages of a database that was moved away")
    with pytest.raises(RecordsError, match=f"new.db{end}: move that away"):
        restore_database(tmp_path / "copy.db", URL.create("sqlite", database=str(tmp_path / "new.db")))
    assert not (tmp_path / "new.db").exists()


def test_records_are_saved_before_their_tables_are_changed(url: URL) -> None:
    path = Path(url.database or "")
    path.parent.mkdir(parents=True)
    create_sqlite_file(path)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with make_engine(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    shutil.copyfile(path, path.with_name("expected.db"))
    open_database(url)
    kept = path.with_name("records-before-0001.db")
    with sqlite3.connect(kept) as connection:
        assert connection.execute("select version_num from alembic_version").fetchall() == [("0001",)]
    assert problems_in(kept) == []
    open_database(url)
    assert sorted(one.name for one in path.parent.glob("*before*")) == [kept.name]
