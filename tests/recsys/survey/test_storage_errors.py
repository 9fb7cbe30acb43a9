"""Killed at any moment, with a full disk, without the database: an answer is there once or not at all."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from recsys.database.database import Database, open_database
from recsys.database.engines import sqlite_path
from recsys.errors import RecordsError
from recsys.survey.admission import Eligibility, Respondent
from recsys.survey.invitations import invite
from recsys.survey.participants import hashed, note_search
from recsys.survey.poll import Poll
from recsys.survey.responses import read_responses
from tests.recsys.survey.answers import ALL_FOR_IT
from tests.small_disk import small_disk

ROOT = Path(__file__).parents[3]


def test_a_process_killed_while_people_answer_leaves_only_complete_answers(
    database: Database, searched: Callable, url: URL, tmp_path: Path
) -> None:
    searched("ana")
    invite(database, 60, tmp_path / "invites.csv", "http://app")
    tokens = [line.rpartition("=")[2] for line in (tmp_path / "invites.csv").read_text().splitlines()[1:]]
    (tmp_path / "tokens").write_text("\n".join(tokens))
    command = [sys.executable, "-m", "tests.recsys.survey.killed", sqlite_path(url), tmp_path / "tokens"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    times, *thanked = done.stdout.split()
    with sqlite3.connect(sqlite_path(url)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        answered = [row[0] for row in connection.execute("select remark from survey_responses")]
        used = {row[0] for row in connection.execute("select key from survey_invitations where is_used")}
    # People stopped between the two transactions have answered, and may do so again.
    assert len(answered) - len(set(answered)) <= int(times)
    assert used <= {hashed(token) for token in answered}
    assert {hashed(token) for token in thanked} <= used
    assert set(thanked) <= set(answered)
    assert int(times) >= 20
    assert len(thanked) < len(answered) or len(answered) < 60  # some were stopped between click and thank-you


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "512k") as folder:
        yield folder


def test_a_full_disk_is_named_and_the_answer_can_be_given_again(disk: Path) -> None:
    database = open_database(URL.create("sqlite", database=str(disk / "records.db")))
    with database.writing() as session:
        note_search(session, "ana")
    poll, ana = Poll(database, "open"), Respondent("ana")
    with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(bytes(512))
    with pytest.raises(RecordsError, match="but it is full: free some, then try again"):
        poll.submit(ana, ALL_FOR_IT)
    (disk / "filler").unlink()
    assert poll.submit(ana, ALL_FOR_IT) is Eligibility.MAY_ANSWER
    with database.reading() as session:
        assert len(read_responses(session)) == 1


@pytest.mark.parametrize("room", [0, 4096, 8192, 12288, 20000])
def test_a_write_that_fails_half_way_leaves_nothing(
    poll: Poll, database: Database, searched: Callable, room: int
) -> None:
    searched("ana")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(RecordsError, match=r"but the disk refused \(SQLITE_IOERR_\w+\): check the disk"):
            poll.submit(Respondent("ana"), ALL_FOR_IT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert poll.submit(Respondent("ana"), ALL_FOR_IT) is Eligibility.MAY_ANSWER
    with database.reading() as session:
        assert len(read_responses(session)) == 1


def test_a_missing_database_accepts_no_answer(poll: Poll, searched: Callable, url: URL) -> None:
    searched("ana")
    sqlite_path(url).unlink()
    with pytest.raises(RecordsError, match="it is gone"):
        poll.submit(Respondent("ana"), ALL_FOR_IT)
    assert not sqlite_path(url).exists()


def test_a_database_that_was_overwritten_takes_no_answer(poll: Poll, searched: Callable, url: URL) -> None:
    searched("ana")
    sqlite_path(url).write_bytes(b"something else" * 1000)
    with pytest.raises(RecordsError, match="that file is none"):
        poll.submit(Respondent("ana"), ALL_FOR_IT)


def test_a_database_without_its_tables_takes_no_answer(poll: Poll, searched: Callable, url: URL) -> None:
    searched("ana")
    sqlite_path(url).write_bytes(b"")
    with pytest.raises(RecordsError, match="no such table"):
        poll.submit(Respondent("ana"), ALL_FOR_IT)
