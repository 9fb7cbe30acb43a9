"""Attempts to find out who answered what, given everything that is stored."""

import itertools
import random
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest
from sqlalchemy import URL

from recsys.database.database import Database, open_database
from recsys.database.engines import sqlite_path
from recsys.database.table_base import Table
from recsys.survey.admission import Respondent
from recsys.survey.invitations import invite
from recsys.survey.participants import hashed, note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS
from tests.recsys.survey.answers import ALL_FOR_IT

PEOPLE = 100
WHO = {"open": "survey_participants", "invited": "survey_invitations"}
WHAT = ("survey_responses", "survey_answers")


@dataclass(frozen=True)
class Answered:
    """A poll that 100 people answered: their keys and their remarks, both in the order of answering."""

    url: URL
    table: str
    keys: list[str]
    remarks: list[str]
    secrets: list[str]


@pytest.fixture(scope="module", params=["open", "invited"])
def answered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    folder = tmp_path_factory.mktemp("answered")
    url = URL.create("sqlite", database=str(folder / "records.db"))
    database = open_database(url)
    names = [f"visitor {number}" for number in range(PEOPLE)]
    with database.writing() as session:
        for name in names:
            note_search(session, name)
    invite(database, PEOPLE, folder / "invites.csv", "http://app")
    tokens = [line.rpartition("=")[2] for line in (folder / "invites.csv").read_text().splitlines()[1:]]
    people = list(range(PEOPLE))
    random.Random(1).shuffle(people)
    poll = Poll(database, request.param)
    for person in people:
        poll.submit(Respondent(names[person], tokens[person]), ALL_FOR_IT, f"<remark of {person:03}>")
    secrets = names if request.param == "open" else tokens
    keys, remarks = [hashed(secrets[n]) for n in people], [f"<remark of {n:03}>" for n in people]
    return Answered(url, WHO[request.param], keys, remarks, names + tokens)


def rows(url: URL, query: str) -> list[tuple]:
    with sqlite3.connect(sqlite_path(url)) as connection:
        return connection.execute(query).fetchall()


def orders(url: URL, table: str, column: str) -> list[list[str]]:
    """Every order in which a table's rows can be found: by each column, as returned, as stored."""
    columns = [row[1] for row in rows(url, f"pragma table_info({table})")]
    found = [[row[0] for row in rows(url, f"select {column} from {table} order by {name}")] for name in columns]
    found.append([row[0] for row in rows(url, f"select {column} from {table}")])
    content = sqlite_path(url).read_bytes()
    found.append(sorted(found[-1], key=lambda text: content.index(text.encode())))
    return [*found, *(order[::-1] for order in found)]


def right_pairs(who: Sequence[str], what: Sequence[str], truth: dict[str, str]) -> int:
    return sum(truth[key] == remark for key, remark in zip(who, what, strict=True))


def test_no_order_of_the_rows_reveals_who_answered_what(answered: Answered) -> None:
    truth = dict(zip(answered.keys, answered.remarks, strict=True))
    found = [
        right_pairs(who, what, truth)
        for who in orders(answered.url, answered.table, "key")
        for what in orders(answered.url, "survey_responses", "remark")
    ]
    # By chance one pair of 100 is right; eight or more are in one of a million tries.
    assert max(found) < 10


def test_no_position_in_the_file_reveals_when_somebody_answered(poll: Poll, searched: Callable, url: URL) -> None:
    people = [str(number) for number in range(25)]  # one page of the file, which SQLite fills in row order
    searched(*people)
    for person in people:
        poll.submit(Respondent(person), ALL_FOR_IT, f"<remark of {person:>2}>")
    content = sqlite_path(url).read_bytes()
    places = [content.index(f"<remark of {person:>2}>".encode()) for person in people]
    in_order = sum(earlier > later for earlier, later in itertools.combinations(places, 2)) / 300
    assert 0.1 < in_order < 0.9  # by chance 0.5, with a standard deviation of 0.07


def test_no_key_and_no_column_is_shared(answered: Answered) -> None:
    values = {
        table: {
            value for row in rows(answered.url, f"select * from {table}") for value in row if isinstance(value, str)
        }
        for table in (*WHO.values(), *WHAT)
    }
    who = values["survey_participants"] | values["survey_invitations"]
    assert not who & (values["survey_responses"] | values["survey_answers"])
    assert not values["survey_participants"] & values["survey_invitations"]


def test_the_tables_have_no_row_numbers_and_no_time(database: Database, url: URL) -> None:
    for table in (*WHO.values(), *WHAT):
        with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
            rows(url, f"select rowid from {table}")
    assert [row[2] for row in rows(url, "pragma table_info(survey_participants)")] == ["VARCHAR(64)", "BOOLEAN"]
    assert [row[2] for row in rows(url, "pragma table_info(survey_invitations)")] == ["VARCHAR(64)", "BOOLEAN"]
    assert [row[2] for row in rows(url, "pragma table_info(survey_responses)")] == [
        "VARCHAR(32)",
        "DATE",
        "VARCHAR(500)",
        "BOOLEAN",
    ]
    assert {row[2] for row in rows(url, "pragma table_info(survey_answers)")} == {"VARCHAR(32)"}


def test_no_other_table_names_a_participant(database: Database) -> None:
    for name, table in Table.metadata.tables.items():
        if name not in {*WHO.values(), *WHAT}:
            assert not {"visitor", "participant", "invitation", "cookie", "session"} & set(table.columns.keys())
            assert not {key.column.table.name for key in table.foreign_keys} & {*WHO.values(), "survey_responses"}


def test_answers_are_stored_in_the_order_of_their_random_keys(answered: Answered) -> None:
    lie = rows(answered.url, "select response, question from survey_answers")
    assert lie == sorted(lie)
    assert len(lie) == PEOPLE * len(QUESTIONS)
    content = sqlite_path(answered.url).read_bytes()
    places = [
        content.index(f"{key}easier".encode()) for (key,) in rows(answered.url, "select key from survey_responses")
    ]
    pages = [place // 4096 for place in places]
    in_order = sum(earlier <= later for earlier, later in itertools.pairwise(pages))
    assert in_order > 0.8 * len(pages)  # page after page, as one writer wrote them all


def test_the_day_has_no_time(poll: Poll, searched: Callable, url: URL) -> None:
    searched("ana")
    poll.submit(Respondent("ana"), ALL_FOR_IT)
    assert rows(url, "select day from survey_responses") == [("2026-11-20",)]


def test_nothing_that_was_written_before_is_left_in_the_file(answered: Answered) -> None:
    content = sqlite_path(answered.url).read_bytes()
    assert all(content.count(remark.encode()) == 1 for remark in answered.remarks)


def test_no_file_ever_contains_who_just_answered_together_with_the_answers(
    poll: Poll, searched: Callable, url: URL
) -> None:
    people = [str(number) for number in range(30)]
    searched(*people)
    path, seen, is_over = sqlite_path(url), set[tuple[bool, bool]](), threading.Event()
    keys = [hashed(person).encode() for person in people]

    def watch() -> None:
        while not is_over.is_set():
            with suppress(FileNotFoundError):
                changes = path.with_name("records.db-journal").read_bytes()
                seen.add((any(key in changes for key in keys), b"<remark" in changes))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with sqlite3.connect(path) as reader:  # a report, or a backup: it stays open
        for person in people:
            poll.submit(Respondent(person), ALL_FOR_IT, f"<remark of {person:>2}>")
            reader.execute("select count(*) from survey_responses").fetchone()
    is_over.set()
    watcher.join()
    assert {(True, False), (False, True)} <= seen  # both were caught between the transactions, and never together
    assert (True, True) not in seen
    assert {file.name for file in path.parent.iterdir() if "-" in file.name} == set()


def test_neither_the_cookie_nor_the_invitation_is_kept(answered: Answered) -> None:
    content = sqlite_path(answered.url).read_bytes()
    assert not [secret for secret in answered.secrets if secret.encode() in content]
