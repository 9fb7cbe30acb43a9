"""The ways to enter a photo: live camera, file, drag and drop, clipboard; all send its bytes here."""

import base64
from collections.abc import Callable
from typing import Any

import streamlit as st

from embeddings.imaging.photos import ACCEPTED_EXTENSIONS, ACCEPTED_FORMATS, QUERY_SIDE
from recsys.feedback.sources import TAKEN, Source
from recsys.ui.components import component
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import number_text
from recsys.ui.photo.upload_limit import MAX_UPLOAD_BYTES, MAX_UPLOAD_MEGABYTES

_KEY = "search_intake"
_PLENTY = 1_500_000  # bytes: the browser shrinks a larger file, if it can


def photo_intake(
    *, compact: bool, answered: int, on_photo: Callable[[bytes, Source], None], on_problem: Callable[[], None]
) -> None:
    """Draw the ways to enter a photo, small beside a chosen one; `on_photo` is called with each photo's bytes.

    `on_problem` is called when the browser itself has a problem, which it shows, such as a file that is too large.

    `answered` is the number of photos processed so far: when it changes, the browser knows that its photo has been.
    """
    component("photo_intake")(
        key=_KEY,
        data={
            "compact": compact,
            "answered": answered,
            "maxBytes": MAX_UPLOAD_BYTES,
            "plenty": _PLENTY,
            "side": QUERY_SIDE * 3 // 2,  # larger than needed, since the server's filter is better
            "accept": ",".join(["image/*", *(f".{extension}" for extension in ACCEPTED_EXTENSIONS)]),
            "texts": _texts() | (_short_texts() if compact else {}),
        },
        on_photo_change=lambda: _receive(on_photo),
        on_problem_change=on_problem,
    )


def photo_of(message: Any) -> tuple[bytes, Source] | None:
    """The bytes that a browser sent, and their source; None for anything that our pages do not send."""
    if not isinstance(message, dict):
        return None
    origins = [origin for origin in TAKEN if origin == message.get("origin")]
    content = message.get("content")
    if not origins or not isinstance(content, str):
        return None
    try:
        return base64.b64decode(content, validate=True), origins[0]
    except ValueError:
        return None


def _receive(on_photo: Callable[[bytes, Source], None]) -> None:
    if photo := photo_of(st.session_state[_KEY].get("photo")):
        on_photo(*photo)


def _megabytes() -> str:
    return number_text(MAX_UPLOAD_MEGABYTES)


def _short_texts() -> dict[str, str]:
    return {"photograph": _("Camera"), "choose": _("File")}


def _texts() -> dict[str, str]:
    return {
        "lead": _("Show us the product"),
        "photograph": _("Take a photo"),
        "choose": _("Choose a file"),
        "paste": _("Paste"),
        "hint": _("or drag a picture onto this page, or press Ctrl+V"),
        "formats": _("{formats}, up to {megabytes} MB").format(
            formats=", ".join(ACCEPTED_FORMATS), megabytes=_megabytes()
        ),
        "shoot": _("Take the photo"),
        "turn": _("Other camera"),
        "close": _("Cancel"),
        "viewfinder": _("What the camera sees"),
        "aim": _("Hold the product in front of the camera."),
        "sending": _("Searching…"),
        "tooLarge": _("This file is larger than {megabytes} MB. Choose a smaller one, or take a photo instead.").format(
            megabytes=_megabytes()
        ),
        "unreadable": _("This file couldn't be read. Choose it again."),
        "cameraDenied": _("Camera access is blocked. Allow it in your browser's address bar, or choose a file."),
        "cameraMissing": _("No working camera was found. Choose a file instead."),
        "nothingToPaste": _("There is no picture on the clipboard. Copy one first."),
        "pasteDenied": _("Your browser doesn't allow this page to paste. Press Ctrl+V, or choose a file."),
        "plainOnPhone": _(
            "This page was opened over plain http, and browsers show live video over https only. "
            "“Take a photo” opens your phone's own camera instead."
        ),
        "plainOnDesk": _(
            "The live camera isn't available: this page was opened over plain http, and browsers allow the camera "
            "over https only. Choose a file instead; on a phone that also opens the camera."
        ),
    }
