import hashlib
import json
import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from embeddings.models.backbones import BACKBONES
from recsys.num_matches import NUM_MATCHES
from recsys.rate_limit import RateLimit
from recsys.search.rankings import COSINE
from recsys.ui.door.visitors import COOKIE
from tests.pages.conftest import VISITOR
from tests.small_disk import small_disk

IT, YES, NO, NOTHING = (
    {"isIt": is_it, "isSimilar": is_similar}
    for is_it, is_similar in ((True, None), (False, True), (False, False), (False, None))
)


@pytest.fixture
def rows(home: Path) -> Callable[[str], list[tuple]]:
    """The result of a query on the records of the test's data home."""

    def read(query: str) -> list[tuple]:
        with closing(sqlite3.connect(home / "records" / "records.db")) as connection:
            return connection.execute(query).fetchall()

    return read


@pytest.fixture
def coffee(shop_csv: Path) -> bytes:
    return (shop_csv.parent / "coffee-2.jpg").read_bytes()


def say(page, rank: int, said: dict, number: int = 1) -> None:
    page.send(f"marks_search_{rank - 1}", "mark", {**said, "number": number})


def buttons(page) -> list[dict]:
    """What the browser gets for the buttons of each match."""
    components = (one.proto for one in page.app.get("bidi_component") if "-marks_search_" in one.proto.id)
    return [json.loads(component.json) for component in components]


def shown(page) -> list[dict]:
    """What the buttons of each match show."""
    return [{name: one[name] for name in ("isIt", "isSimilar", "problem", "answered")} for one in buttons(page)]


def said(page) -> list[tuple]:
    return [(one["isIt"], one["isSimilar"]) for one in shown(page)]


def test_the_log_has_a_line_for_each_search_but_not_who_searched_for_what(
    visit: Callable, coffee: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "recsys")
    page = visit()
    page.photograph(coffee, "camera")
    page.app.run()
    page.app.text_input(key="search_words").set_value("coffee").run()
    number = r"=\d+\.\d "
    photo, words = (record.message for record in caplog.records if record.message.startswith("search "))
    assert re.fullmatch(
        f"search source=camera backbone=EfficientNetLite0 ranking=cosine encode_ms{number}search_ms{number}products=16",
        photo,
    )
    assert re.fullmatch(f"search source=text search_ms{number}products=16", words)
    assert VISITOR not in caplog.text


@pytest.mark.parametrize("origin", ["upload", "camera", "paste"])
def test_a_search_is_recorded_with_how_the_photo_came_and_with_what_it_found(
    visit: Callable, rows: Callable, coffee: bytes, origin: str
) -> None:
    page = visit()
    page.photograph(coffee, origin)
    assert rows("select source, backbone, ranking from feedback_searches") == [(origin, "EfficientNetLite0", "cosine")]
    found = [f"Product {row[0]}" for row in rows("select product_id from feedback_matches order by rank")]
    assert found == page.cards
    ((encode_ms, search_ms),) = rows("select encode_ms, search_ms from feedback_searches")
    assert encode_ms > 0
    assert search_ms > 0


def test_a_sample_and_a_product_are_recorded_as_such(visit: Callable, rows: Callable, home_with_samples: Path) -> None:
    page = visit(home_with_samples)
    page.click("search_welcome_1")
    page.click("similar_search_1")
    assert rows("select source from feedback_searches order by source") == [("product",), ("sample",)]


def test_a_search_is_one_however_often_its_page_is_drawn(visit: Callable, rows: Callable, coffee: bytes) -> None:
    page = visit()
    page.photograph(coffee)
    page.app.run()
    page.go_to("catalogue")
    page.go_to("search")
    page.photograph(coffee)
    assert rows("select count(*) from feedback_searches") == [(1,)]


def test_another_frame_is_another_search(visit: Callable, rows: Callable, coffee: bytes) -> None:
    page = visit()
    page.photograph(coffee)
    page.send("search_box", "box", [0, 0, 1, 1])
    assert rows("select count(*) from feedback_searches") == [(2,)]


def test_recorded_searches_per_hour_and_address_are_limited(
    visit: Callable, rows: Callable, coffee: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = RateLimit(2, 3600)
    monkeypatch.setattr("recsys.ui.results.feedback.recording_limit", lambda: limit)
    page = visit()
    page.photograph(coffee)
    page.send("search_box", "box", [0, 0, 1, 1])
    page.send("search_box", "box", [0, 0, 1, 0.9])
    say(page, 1, IT)
    assert len(page.cards) == NUM_MATCHES
    assert QUIET in [caption.value for caption in page.app.caption]
    assert shown(page)[0]["problem"]
    assert rows("select count(*) from feedback_searches") == [(2,)]


def test_a_rating_is_saved_and_shown_and_can_be_taken_back(visit: Callable, rows: Callable, coffee: bytes) -> None:
    page = visit()
    page.photograph(coffee)
    assert said(page) == [(False, None)] * NUM_MATCHES
    say(page, 1, {"isIt": True, "isSimilar": True}, 2)
    say(page, 4, NO)
    marks = {1: (True, True), 4: (False, False)}
    assert said(page) == [marks.get(rank, (False, None)) for rank in range(1, NUM_MATCHES + 1)]
    kept = "select rank, is_it, is_similar from feedback_matches where is_it or is_similar is not null order by rank"
    assert rows(kept) == [(1, 1, 1), (4, 0, 0)]
    say(page, 4, NOTHING, 2)
    say(page, 1, IT, 3)
    assert rows(kept) == [(1, 1, None)]


def test_what_is_like_a_product_is_rated_but_cannot_be_that_product(visit: Callable, coffee: bytes) -> None:
    page = visit(product="coffee-2")
    assert [one["canBeIt"] for one in buttons(page)] == [False] * NUM_MATCHES
    page.photograph(coffee)
    assert [one["canBeIt"] for one in buttons(page)] == [True] * NUM_MATCHES


def test_the_same_click_received_twice_counts_once(visit: Callable, rows: Callable, coffee: bytes) -> None:
    page = visit()
    page.photograph(coffee)
    say(page, 2, IT)
    say(page, 2, IT)
    assert said(page)[1] == (True, None)
    assert rows("select count(*), sum(is_it) from feedback_matches") == [(NUM_MATCHES, 1)]


def test_a_mark_encodes_nothing_again_and_changes_no_match(visit: Callable, coffee: bytes) -> None:
    page = visit()
    page.photograph(coffee)
    queries, photo, cards = page.app.session_state["search_queries"], page.app.session_state["search_photo"], page.cards
    encoded = queries.query(photo, BACKBONES["EfficientNetLite0"], ranking=COSINE)
    say(page, 1, IT)
    assert queries.query(photo, BACKBONES["EfficientNetLite0"], ranking=COSINE) is encoded
    assert page.cards == cards


def test_marks_belong_to_their_search(visit: Callable, coffee: bytes) -> None:
    page = visit()
    page.photograph(coffee)
    say(page, 1, IT)
    page.send("search_box", "box", [0, 0, 1, 1])
    assert said(page) == [(False, None)] * NUM_MATCHES
    page.send("search_box", "box", [0.075, 0.075, 0.85, 0.85])
    assert said(page)[0] == (True, None)


def test_a_reloaded_address_is_the_same_search_with_its_marks(visit: Callable, rows: Callable) -> None:
    page = visit(product="coffee-2")
    say(page, 2, YES)
    again = visit(product="coffee-2")
    assert said(again)[1] == (False, True)
    say(again, 2, IT)
    assert rows("select count(*) from feedback_searches") == [(1,)]
    assert rows("select is_it, is_similar from feedback_matches where rank = 2") == [(1, None)]


def test_another_visitor_s_search_is_another_one(visit: Callable, rows: Callable, cookies: dict[str, str]) -> None:
    page = visit(product="coffee-2")
    say(page, 2, YES)
    cookies[COOKIE] = "w" * 43
    assert said(visit(product="coffee-2")) == [(False, None)] * NUM_MATCHES
    assert rows("select count(*) from feedback_searches") == [(2,)]


def test_without_cookies_a_search_is_recorded_and_nobody_has_searched(
    visit: Callable, rows: Callable, cookies: dict[str, str]
) -> None:
    cookies.clear()
    page = visit(product="coffee-2")
    say(page, 1, IT)
    assert rows("select count(*) from feedback_searches") == [(1,)]
    assert rows("select count(*) from survey_participants") == [(0,)]


def test_a_mark_that_no_page_of_ours_sends_changes_nothing(visit: Callable, rows: Callable) -> None:
    page = visit(product="coffee-2")
    page.send("marks_search_0", "mark", IT)  # it has no number
    assert said(page) == [(False, None)] * NUM_MATCHES
    assert rows("select sum(is_it), count(is_similar) from feedback_matches") == [(0, 0)]


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_nothing_of_a_photo_is_stored_anywhere(visit: Callable, home: Path, coffee: bytes) -> None:
    before = files(home)
    page = visit()
    page.photograph(coffee)
    say(page, 1, {"isIt": True, "isSimilar": True})
    new = files(home) - before
    of_sqlite = {f"{name}{end}" for name in ("records.db", "store.sqlite") for end in ("-wal", "-shm")}
    assert {path.name for path in new} <= {"records.db", "records.db.lock", *of_sqlite}
    kept = b"".join(path.read_bytes() for path in new)
    photo, queries = page.app.session_state["search_photo"], page.app.session_state["search_queries"]
    vector = queries.query(photo, BACKBONES["EfficientNetLite0"], ranking=COSINE).vector
    derived = [coffee[-64:], photo.preview_jpeg[-64:], photo.pixels[0, :16].tobytes(), vector[:4].tobytes()]
    hashes = [hashlib.new(name, coffee).digest() for name in ("md5", "sha1", "sha256")]
    for trace in [*derived, *hashes, *(digest.hex().encode() for digest in hashes)]:
        assert trace not in kept
    assert "We never store your photo or who you are." in page.text


def test_the_note_on_what_is_recorded_appears_once_for_words_and_photo(
    visit: Callable, rows: Callable, coffee: bytes
) -> None:
    page, said_so = visit(), "We never store your photo or who you are."
    page.app.text_input(key="search_words").input("rocket").run()
    assert page.text.count(said_so) == 1
    page.photograph(coffee)
    assert page.text.count(said_so) == 1
    assert rows("select source from feedback_searches order by source") == [("text",), ("upload",)]


QUIET = "Your ratings can't be saved right now. You can still search."


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(512))


@pytest.fixture(params=["gone", "no database", "full", "locked"])
def fail(request: pytest.FixtureRequest, home: Path) -> Iterator[Callable[[], None]]:
    """Let the records fail, from the call until the end of the test."""
    path = home / "records" / "records.db"
    with ExitStack() as stack:
        if request.param == "full":
            stack.enter_context(small_disk(path.parent, "512k"))

        def lock() -> None:
            other = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            other.execute("BEGIN IMMEDIATE")

        yield {
            "gone": path.unlink,
            "no database": lambda: path.write_bytes(b"something else" * 1000),
            "full": lambda: fill(path.parent),
            "locked": lock,
        }[request.param]


def test_searching_continues_while_the_records_fail_and_one_quiet_line_says_so(
    visit: Callable, fail: Callable[[], None], coffee: bytes
) -> None:
    page = visit()
    page.click("search_random")  # creates and uses the database
    assert QUIET not in page.text
    fail()
    page.photograph(coffee)
    assert page.cards[0] == "Product coffee-2"
    assert len(page.cards) == NUM_MATCHES
    assert page.text.count(QUIET) == 1
    assert not page.app.error
    assert not page.app.warning
    say(page, 1, IT)
    assert shown(page)[0] == {"isIt": False, "isSimilar": None, "problem": "Not saved. Try again later.", "answered": 1}
    assert len(page.cards) == NUM_MATCHES


def test_a_search_that_could_not_be_saved_is_saved_with_the_next_rating(
    visit: Callable, rows: Callable, home: Path, coffee: bytes
) -> None:
    page = visit()
    page.click("search_random")
    path = home / "records" / "records.db"
    path.rename(home / "records" / "elsewhere")
    page.photograph(coffee)
    assert QUIET in page.text
    (home / "records" / "elsewhere").rename(path)
    say(page, 1, IT)
    assert shown(page)[0] == {"isIt": True, "isSimilar": None, "problem": "", "answered": 1}
    assert QUIET not in page.text
    assert rows("select source from feedback_searches order by source") == [("product",), ("upload",)]
    assert rows("select count(*) from survey_participants") == [(1,)]


def test_marks_are_asked_for_in_the_visitor_s_language(visit: Callable) -> None:
    page = visit(locale="id", product="coffee-2")
    component = next(one.proto for one in page.app.get("bidi_component") if "-marks_search_0" in one.proto.id)
    texts = json.loads(component.json)
    assert (texts["it"], texts["yes"], texts["no"]) == ("Ini dia", "Mirip", "Tidak mirip")
    assert "Kami tidak pernah menyimpan foto" in page.text
