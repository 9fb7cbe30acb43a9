"""Labelled photos arriving from a browser: saved piece by piece, and read only when complete."""

import json
import re
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from embeddings.files import atomic_write
from embeddings.messages import Message
from recsys.errors import PhotoSetError

MEGABYTE = 1024**2
MAX_SET_BYTES = 500 * MEGABYTE
MAX_PHOTOS = 2_000
PIECE_BYTES = 4 * MEGABYTE
_MAX_FILES = MAX_PHOTOS + 1  # including the CSV
_MAX_NAME = 255
_MAX_UPLOADS = 3
_UNFINISHED_SECONDS, _WHOLE_SECONDS = 600.0, 86_400.0  # without a change, before an upload counts as abandoned
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class SentFile:
    """A file's name in the browser, and its number of bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Upload:
    """The bytes received so far of some files, one after the other, in a folder of their own."""

    folder: Path
    files: tuple[SentFile, ...]

    @property
    def token(self) -> str:
        """The name by which the job finds it."""
        return self.folder.name

    @property
    def content(self) -> Path:
        """All files, one after the other."""
        return self.folder / "content"

    @property
    def size(self) -> int:
        """The number of bytes when complete."""
        return sum(file.size for file in self.files)

    @property
    def received(self) -> int:
        """The number of bytes received. Raises OSError if the folder is gone."""
        return self.content.stat().st_size

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are here."""
        return self.received == self.size

    def add(self, offset: int, piece: bytes) -> None:
        """Save the bytes that start at `offset`; ignore those that do not continue what is here.

        Raises PhotoSetError for more than was announced; OSError passes through.
        """
        if offset != self.received:
            return
        if len(piece) > PIECE_BYTES or offset + len(piece) > self.size:
            raise PhotoSetError(Message("The upload was larger than expected. Choose the files again."))
        with self.content.open("ab") as file:
            file.write(piece)

    def discard(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def begin_upload(cache: Path, files: Sequence[SentFile], *, now: float | None = None) -> Upload:
    """Make room for a ZIP, or for a CSV with its photos, and delete abandoned uploads.

    Raises PhotoSetError for other files, or too much; OSError passes through.
    """
    _check(files)
    sweep(cache, now=now)
    if len(_folders(cache)) >= _MAX_UPLOADS:
        raise PhotoSetError(Message("Other photos are being sent right now. Try again when they have been measured."))
    upload = Upload(uploads_folder(cache) / uuid4().hex, tuple(files))
    upload.folder.mkdir(parents=True)
    upload.content.touch()
    with atomic_write(upload.folder / "files.json") as file:
        file.write(json.dumps([asdict(one) for one in files]).encode())
    return upload


def find_upload(cache: Path, token: str) -> Upload:
    """The complete upload with that token. Raises PhotoSetError if it is gone or incomplete."""
    folder = uploads_folder(cache) / token
    try:
        if not _TOKEN.fullmatch(token):
            raise ValueError(token)
        upload = Upload(folder, tuple(SentFile(**one) for one in json.loads((folder / "files.json").read_bytes())))
        if upload.is_whole:
            return upload
    except (OSError, ValueError, TypeError):
        pass
    raise PhotoSetError(Message("The photos were not sent completely. Choose the files again."))


def sweep(cache: Path, *, now: float | None = None) -> None:
    """Delete uploads without a new byte for ten minutes; complete ones, which may be in use, after a day."""
    for folder in _folders(cache):
        with suppress(OSError):  # another process deletes it
            newest = max(path.stat().st_mtime for path in (folder, *folder.glob("content")))
            limit = _WHOLE_SECONDS if _is_whole(cache, folder.name) else _UNFINISHED_SECONDS
            if (time.time() if now is None else now) - newest > limit:
                shutil.rmtree(folder, ignore_errors=True)


def discard_measured(cache: Path, ended: float) -> None:
    """Delete complete uploads older than the last measurement's end (seconds since 1970): it was stopped."""
    for folder in _folders(cache):
        with suppress(PhotoSetError, OSError):  # still arriving, or gone
            upload = find_upload(cache, folder.name)
            if upload.content.stat().st_mtime < ended:
                upload.discard()


def uploads_folder(cache: Path) -> Path:
    """Where a data home's uploads are stored until they have been measured."""
    return cache / "measuring"


def _folders(cache: Path) -> list[Path]:
    return [folder for folder in uploads_folder(cache).glob("*") if _TOKEN.fullmatch(folder.name)]


def _is_whole(cache: Path, token: str) -> bool:
    with suppress(PhotoSetError):
        return find_upload(cache, token).is_whole
    return False


def _check(files: Sequence[SentFile]) -> None:
    kinds = [Path(file.name).suffix.lower() for file in files]
    if not (kinds == [".zip"] or (len(files) > 1 and kinds.count(".csv") == 1 and ".zip" not in kinds)):
        raise PhotoSetError(Message("Choose one ZIP, or one CSV together with its photos."))
    if len(files) > _MAX_FILES:
        raise PhotoSetError(Message("Choose at most {number} photos at a time.", number=MAX_PHOTOS))
    if any(file.size < 0 or not 0 < len(file.name) <= _MAX_NAME for file in files):
        raise PhotoSetError(Message("Choose one ZIP, or one CSV together with its photos."))
    if sum(file.size for file in files) > MAX_SET_BYTES:
        raise PhotoSetError(Message("Choose at most {number} MB at a time.", number=MAX_SET_BYTES // MEGABYTE))
