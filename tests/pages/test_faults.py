"""What breaks under a running app and is repaired: searching continues, without a restart."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from recsys.catalogue.products import images_of, load_catalogue
from recsys.database.database import open_database
from recsys.database.engines import records_address
from recsys.num_matches import NUM_MATCHES
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from tests.recsys.survey.answers import ALL_FOR_IT

KEPT, QUIET = "Your ratings show us how well the search works.", "Your ratings can't be saved right now."


@pytest.fixture
def coffee(shop_csv: Path) -> bytes:
    return (shop_csv.parent / "coffee-2.jpg").read_bytes()


def searched(page, photo: bytes, number: int) -> None:
    """Search with the photo as a new one: bytes after the end of a JPEG are ignored."""
    page.photograph(photo + number.to_bytes())
    assert page.cards[0] == "Product coffee-2"
    assert not page.app.error


def test_a_home_that_cannot_be_written_is_searched_and_written_again_when_it_can(
    visit: Callable, home: Path, coffee: bytes
) -> None:
    page = visit()
    searched(page, coffee, 0)
    command = ["mount", "--bind", home, home]
    if os.getuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("making a folder read-only for everybody takes the rights of root")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", home], check=True)
        searched(page, coffee, 1)
        assert page.text.count(QUIET) == 1
        another = visit()
        searched(another, coffee, 2)
        assert another.text.count(QUIET) == 1
    finally:
        subprocess.run(["umount", home], check=True)
    searched(page, coffee, 3)
    assert KEPT in page.text
    assert QUIET not in page.text


def test_records_that_stay_locked_hold_up_the_first_search_only_and_are_used_again_afterwards(
    visit: Callable, home: Path, coffee: bytes
) -> None:
    page = visit()
    searched(page, coffee, 0)
    with closing(sqlite3.connect(home / "records" / "records.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        searched(page, coffee, 1)
        began = time.monotonic()
        searched(page, coffee, 2)
        assert time.monotonic() - began < 2  # the time it waits if it worked a moment ago
        assert page.text.count(QUIET) == 1
    searched(page, coffee, 3)
    assert KEPT in page.text


def test_records_that_were_away_when_the_app_began_are_used_once_they_are_there(
    visit: Callable, home: Path, coffee: bytes
) -> None:
    (home / "records").mkdir(exist_ok=True)
    (home / "records" / "records.db").mkdir()
    page = visit()
    searched(page, coffee, 0)
    assert page.text.count(QUIET) == 1
    (home / "records" / "records.db").rmdir()
    searched(page, coffee, 1)
    assert KEPT in page.text


def test_pictures_that_are_deleted_leave_the_search_and_are_shown_again_once_they_are_back(
    visit: Callable, home: Path, coffee: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    page = visit()
    images, kept = images_of(home / "cache"), home / "kept"
    key = load_catalogue(home / "cache").by_id["coffee-2"].image_key
    shutil.copytree(home / "cache" / "images", kept)
    images.study_path(key).unlink()
    images.display_path(key).unlink()
    searched(page, coffee, 0)
    assert "picture is lost or damaged" in visit(product="coffee-2").app.error[0].value
    assert str(images.study_path(key)) in caplog.text
    shutil.copytree(kept, home / "cache" / "images", dirs_exist_ok=True)
    again = visit(product="coffee-2")
    assert not again.app.error
    assert len(again.cards) == NUM_MATCHES


def test_a_poll_whose_records_break_says_so_for_questions_and_results(visit: Callable, home: Path) -> None:
    visit(page="survey")
    (home / "records" / "records.db").write_bytes(b"no database" * 1000)
    page = visit(page="survey", tab="results")
    told = [warning.value for warning in page.app.warning]
    assert told == [r"Answers and ratings cannot be read or saved at the moment\. Try again in a few minutes\."] * 2


def test_a_clock_that_was_set_back_hides_no_answer_and_no_search(
    visit: Callable, settings: Settings, coffee: bytes
) -> None:
    page = visit()
    searched(page, coffee, 0)
    database, tomorrow = open_database(records_address(settings)), date.today() + timedelta(1)
    with database.writing() as session:
        note_search(session, "ana")
    Poll(database, "open", today=lambda: tomorrow).submit(Respondent("ana"), ALL_FOR_IT, "From tomorrow")
    results = visit(page="survey", tab="results")
    assert "1 person has answered" in results.text
    results.go_to("usage")


def test_a_visitor_is_told_that_the_shared_store_is_away(
    visit: Callable, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared = Settings(home=home, cache_address="s3://kalcare/shop")
    shared.cache.parent.mkdir()
    shared.cache.symlink_to(home / "cache")  # as it was fetched
    monkeypatch.setenv("RECSYS_CACHE", shared.cache_address)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "kalcare")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of a test")
    page = visit()
    assert "data cannot be reached at the moment" in page.text
    assert not page.app.error
    assert "but no server answers" in caplog.text
