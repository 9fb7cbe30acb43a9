"""The upload of labelled photos from a browser: in pieces, because a message has a limited size."""

import base64
from dataclasses import dataclass
from typing import Any

from embeddings.imaging.photos import ACCEPTED_EXTENSIONS
from recsys.evaluation.uploads import MAX_PHOTOS, MAX_SET_BYTES, MEGABYTE, PIECE_BYTES, SentFile
from recsys.ui.components import component
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import number_text

KEY = "measure_photo_set"
_MAX_ID = 64


@dataclass(frozen=True)
class Piece:
    """Bytes of the chosen files, one after the other; `choice` identifies the files, the first piece names them."""

    choice: str
    offset: int
    content: bytes
    files: tuple[SentFile, ...] = ()


@dataclass(frozen=True)
class UploadState:
    """The state of an upload: how many bytes have arrived, or what is wrong with it, as a sentence."""

    choice: str = ""
    received: int = 0
    problem: str = ""


def photo_set_input(answer: UploadState, *, on_piece: Any) -> None:
    """Draw the button that chooses the files; `on_piece` is called without arguments for each piece that arrives."""
    component("photo_set")(
        key=KEY,
        data={
            "choice": answer.choice,
            "received": answer.received,
            "problem": answer.problem,
            "maxBytes": MAX_SET_BYTES,
            "maxFiles": MAX_PHOTOS + 1,
            "pieceBytes": PIECE_BYTES,
            "accept": ",".join([".zip", ".csv", "image/*", *(f".{extension}" for extension in ACCEPTED_EXTENSIONS)]),
            "texts": _texts(),
        },
        on_piece_change=on_piece,
    )


def piece_of(message: Any) -> Piece | None:
    """The piece that a browser sent; None for anything that our pages do not send."""
    if not isinstance(message, dict):
        return None
    choice, offset, content = (message.get(name) for name in ("choice", "offset", "content"))
    if not isinstance(choice, str) or not 0 < len(choice) <= _MAX_ID or not isinstance(content, str):
        return None
    if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
        return None
    files = _files(message.get("files"))
    try:
        return None if files is None else Piece(choice, offset, base64.b64decode(content, validate=True), files)
    except ValueError:
        return None


def _files(listed: Any) -> tuple[SentFile, ...] | None:
    if listed is None:
        return ()
    if not isinstance(listed, list) or len(listed) > MAX_PHOTOS + 1:
        return None
    files = []
    for one in listed:
        name, size = (one.get("name"), one.get("size")) if isinstance(one, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(size, int) or isinstance(size, bool):
            return None
        files.append(SentFile(name, size))
    return tuple(files)


def _texts() -> dict[str, str]:
    return {
        "choose": _("Choose the files"),
        "stop": _("Cancel"),
        "sending": _("Sending the photos"),
        "tooMany": _("Choose at most {number} photos at a time.").format(number=number_text(MAX_PHOTOS)),
        "tooLarge": _("Choose at most {number} MB at a time.").format(number=number_text(MAX_SET_BYTES // MEGABYTE)),
        "unreadable": _("A file couldn't be read. Choose the files again."),
    }
