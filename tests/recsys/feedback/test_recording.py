import random
import sqlite3
from datetime import date

import pytest
from sqlalchemy import URL

from recsys.database.database import Database, open_database
from recsys.database.engines import sqlite_path
from recsys.errors import RecordsError
from recsys.feedback.recording import Mark, Search, mark_match, read_marks, record_search, repeatable_key
from recsys.survey.participants import has_searched
from tests.at_once import run_at_once
from tests.recsys.feedback.searches import FIVE, searched

NOTHING = Mark()


def rows(url: URL, query: str) -> list[tuple]:
    with sqlite3.connect(sqlite_path(url)) as connection:
        return connection.execute(query).fetchall()


def test_a_search_is_kept_with_its_products_in_their_order(database: Database, url: URL) -> None:
    search = searched(product_ids=("P-9", "P-1", "P-5"))
    record_search(database, search, "a-cookie")
    assert rows(url, "select * from feedback_searches") == [
        (search.key, "2026-11-20", "upload", "ResNet50", "cosine", 20.0, 2.0)
    ]
    assert rows(url, "select rank, product_id, is_it, is_similar from feedback_matches order by rank") == [
        (1, "P-9", 0, None),
        (2, "P-1", 0, None),
        (3, "P-5", 0, None),
    ]


def test_words_are_searched_for_without_a_backbone(database: Database, url: URL) -> None:
    record_search(database, Search(date(2026, 11, 20), "text", FIVE, 3.0), None)
    assert rows(url, "select source, backbone, ranking, encode_ms, search_ms from feedback_searches") == [
        ("text", None, None, None, 3.0)
    ]


def test_a_search_without_matches_is_kept(database: Database, url: URL) -> None:
    record_search(database, searched(product_ids=()), None)
    assert rows(url, "select count(*) from feedback_searches") == [(1,)]


def test_a_search_recorded_again_is_stored_once_with_its_ratings(database: Database, url: URL) -> None:
    search = searched()
    record_search(database, search, "a-cookie")
    mark_match(database, search, 2, NOTHING, Mark(is_it=True, is_similar=True))
    record_search(database, search, "a-cookie")
    assert rows(url, "select count(*) from feedback_searches") == [(1,)]
    assert read_marks(database, search.key)[2] == Mark(is_it=True, is_similar=True)


def test_two_searches_have_two_keys() -> None:
    assert searched().key != searched().key
    assert len(searched().key) == 32


def test_a_repeated_search_has_the_same_key_for_its_visitor_only() -> None:
    key = repeatable_key("ana's cookie", "coffee-2, ResNet50")
    assert key == repeatable_key("ana's cookie", "coffee-2, ResNet50")
    assert len({key, repeatable_key("budi's cookie", "coffee-2, ResNet50"), repeatable_key("ana's cookie", "x")}) == 3
    assert len(key) == 32


def test_a_rating_can_be_changed_and_taken_back(database: Database) -> None:
    search = searched()
    record_search(database, search, None)
    said = [
        Mark(is_similar=True),
        Mark(is_similar=False),
        Mark(is_it=True, is_similar=False),
        Mark(is_it=True),
        NOTHING,
    ]
    before = NOTHING
    for mark in said:
        marks = mark_match(database, search, 3, before, mark)
        assert marks[3] == mark
        assert read_marks(database, search.key) == marks
        assert all(marks[rank] == NOTHING for rank in (1, 2, 4, 5))
        before = mark


def test_a_rating_from_another_tab_stays_unless_this_one_changes_it(database: Database) -> None:
    search = searched()
    mark_match(database, search, 1, NOTHING, Mark(is_it=True))
    # This tab was drawn before, and does not know about it.
    assert mark_match(database, search, 1, NOTHING, Mark(is_similar=False))[1] == Mark(True, False)


def test_a_mark_keeps_a_search_that_could_not_be_recorded_before(database: Database, url: URL) -> None:
    search = searched()
    mark_match(database, search, 1, NOTHING, Mark(is_it=True))
    assert rows(url, "select key from feedback_searches") == [(search.key,)]
    assert rows(url, "select count(*), sum(is_it) from feedback_matches") == [(5, 1)]


def test_a_mark_of_a_match_that_was_not_found_changes_nothing(database: Database, url: URL) -> None:
    marks = mark_match(database, searched(), 6, NOTHING, Mark(is_it=True))
    assert set(marks.values()) == {NOTHING}
    assert rows(url, "select count(*) from feedback_matches") == [(5,)]


def test_a_match_belongs_to_a_search(database: Database) -> None:
    with pytest.raises(RecordsError, match="FOREIGN KEY"), database.writing() as session:
        session.connection().exec_driver_sql("insert into feedback_matches values ('none', 1, 'P-1', 0, null)")


def test_a_source_that_there_is_not_is_refused(database: Database) -> None:
    with pytest.raises(RecordsError, match="CHECK constraint"):
        record_search(database, searched(source="fax"), None)


def search_and_mark(url: URL, person: int, shared: Search) -> None:
    """Make and rate ten searches of one's own; rate a search that others rate as well."""
    database, chance = open_database(url), random.Random(person)
    for number in range(10):
        search = searched(key=f"{person}-{number}")
        record_search(database, search, f"cookie of {person}", wait_seconds=120)
        mark_match(database, search, 1 + number % 5, NOTHING, Mark(is_similar=chance.random() < 0.5), wait_seconds=120)
        record_search(database, shared, f"cookie of {person}", wait_seconds=120)
        mark_match(database, shared, 1 + person % 5, NOTHING, Mark(is_it=True), wait_seconds=120)


def test_four_processes_that_record_at_once_lose_nothing_and_count_nothing_twice(database: Database, url: URL) -> None:
    shared = searched()
    run_at_once(search_and_mark, *((url, person, shared) for person in range(4)))
    assert rows(url, "select count(*) from feedback_searches") == [(4 * 10 + 1,)]
    assert rows(url, "select count(*), count(is_similar) from feedback_matches") == [((4 * 10 + 1) * 5, 4 * 10)]
    assert rows(url, f"select sum(is_it) from feedback_matches where search = '{shared.key}'") == [(4,)]
    assert rows(url, "select count(*) from survey_participants") == [(4,)]


def test_a_visitor_has_searched_after_the_first_search_and_is_not_stored_by_name(database: Database, url: URL) -> None:
    for _ in range(2):
        record_search(database, searched(), "the-cookie-of-somebody")
    with database.reading() as session:
        assert has_searched(session, "the-cookie-of-somebody")
    assert b"the-cookie-of-somebody" not in sqlite_path(url).read_bytes()


def test_a_search_waits_for_the_records_no_longer_than_allowed(database: Database, url: URL) -> None:
    with sqlite3.connect(sqlite_path(url), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsError, match="locked"):
            record_search(database, searched(), "somebody", wait_seconds=0.05)
