import pytest

from recsys.feedback.recording import Mark
from recsys.ui.results.feedback import parse_mark


@pytest.mark.parametrize("is_similar", [None, False, True])
def test_a_mark_is_read(is_similar: bool | None) -> None:
    assert parse_mark({"isIt": True, "isSimilar": is_similar, "number": 1}) == Mark(True, is_similar)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "mark",
        [],
        {},
        {"isIt": True, "number": 1},
        {"isIt": True, "isSimilar": None},
        {"isIt": "yes", "isSimilar": None, "number": 1},
        {"isIt": True, "isSimilar": 7, "number": 1},
        {"isIt": True, "isSimilar": None, "number": "1"},
    ],
)
def test_a_rating_that_our_pages_do_not_send_is_ignored(message: object) -> None:
    assert parse_mark(message) is None
