"""A browser's messages about a photo: those of the page's own scripts are read, all others ignored."""

import base64

import pytest

from embeddings.imaging.box import Box
from recsys.ui.photo.photo_frame import box_of
from recsys.ui.photo.photo_intake import photo_of


@pytest.mark.parametrize("origin", ["upload", "camera", "paste"])
def test_a_photo_is_read_with_how_it_came(origin: str) -> None:
    assert photo_of({"origin": origin, "content": base64.b64encode(b"photo").decode()}) == (b"photo", origin)


@pytest.mark.parametrize(
    "message",
    [None, "photo", {}, {"origin": "upload"}, {"origin": "product", "content": ""}, {"origin": [], "content": ""},
     {"origin": "upload", "content": 7}, {"origin": "upload", "content": "é?"}],
)  # fmt: skip
def test_a_photo_that_our_pages_do_not_send_is_ignored(message: object) -> None:
    assert photo_of(message) is None


def test_a_frame_is_read() -> None:
    assert box_of([0, 0.25, 1, 0.5]) == Box(0, 0.25, 1, 0.5)


@pytest.mark.parametrize("message", [None, "box", [0, 0, 1], [0, 0, 1, "1"], {"left": 0}, [0, 0, 1, 10**400]])
def test_a_frame_that_our_pages_do_not_send_is_ignored(message: object) -> None:
    assert box_of(message) is None
