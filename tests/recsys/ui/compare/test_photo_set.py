"""A browser's messages about labelled photos: those of the page's own script are read, all others ignored."""

import pytest

from recsys.evaluation.uploads import SentFile
from recsys.ui.compare.photo_set import Piece, piece_of

FIRST = {"choice": "1-1", "offset": 0, "content": "UEs=", "files": [{"name": "a.zip", "size": 2}]}


def test_pieces_are_read() -> None:
    assert piece_of(FIRST) == Piece("1-1", 0, b"PK", (SentFile("a.zip", 2),))
    assert piece_of({"choice": "1-1", "offset": 4, "content": ""}) == Piece("1-1", 4, b"")


@pytest.mark.parametrize(
    "change",
    [{"choice": 7}, {"choice": ""}, {"choice": "x" * 65}, {"offset": -1}, {"offset": "0"}, {"offset": True},
     {"content": None}, {"content": "é?"}, {"files": {}}, {"files": [7]}, {"files": [{"name": "a"}]},
     {"files": [{"name": "a", "size": 1.5}]}, {"files": [{"name": "a", "size": 1}] * 2002}],
)  # fmt: skip
def test_a_piece_that_our_pages_do_not_send_is_ignored(change: dict[str, object]) -> None:
    assert piece_of(FIRST | change) is None


@pytest.mark.parametrize("message", [None, "piece", [], {}])
def test_no_message_is_no_piece(message: object) -> None:
    assert piece_of(message) is None
