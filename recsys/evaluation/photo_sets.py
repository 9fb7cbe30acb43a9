"""A set of labelled photos that somebody sent: unpacked within limits, each row checked before it is measured."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO

from embeddings.errors import PhotoError
from embeddings.imaging.photos import ACCEPTED_EXTENSIONS, MAX_PHOTO_BYTES, read_photo
from embeddings.messages import Message
from recsys.errors import EvaluationError, PhotoSetError
from recsys.evaluation.labelled_photos import LabelledPhoto, read_queries
from recsys.evaluation.measuring import BadRow
from recsys.evaluation.uploads import MAX_PHOTOS, MEGABYTE, SentFile, Upload

MAX_UNPACKED = 1024 * MEGABYTE
MAX_ENTRIES = 5_000
_MAX_DIRECTORY = 2 * MEGABYTE  # the ZIP's list of files is read into memory
_MAX_PART, _MAX_DEPTH = 150, 8  # of a path in a ZIP: bytes per part, and folders
_COPY_BYTES = 256 * 1024
_KINDS = (".csv", *(f".{extension}" for extension in ACCEPTED_EXTENSIONS))
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_END = struct.Struct("<4s4H2LH")  # the end of a ZIP's directory: APPNOTE.TXT, 4.3.16
_END_SIGNATURE, _ZIP64_SIGNATURE = b"PK\x05\x06", b"PK\x06\x07"
_ZIP64_BYTES, _MAX_COMMENT = 20, 65_535

_UNREADABLE_ZIP = Message("This ZIP is damaged, encrypted or of a kind that can't be read. Pack it again.")
_TOO_LARGE_ZIP = Message(
    "This ZIP is too large when unpacked: at most {megabytes} MB in {number} files are read.",
    megabytes=MAX_UNPACKED // MEGABYTE,
    number=MAX_ENTRIES,
)


def unpack(upload: Upload) -> Path:
    """Write the upload's files into a new folder below its own, and return the path of the CSV among them.

    Only a CSV and pictures are unpacked. Raises PhotoSetError if it is not such a set, or too large.
    """
    folder = upload.folder / "photos"
    folder.mkdir()
    if upload.files[0].name.lower().endswith(".zip"):
        unpack_zip(upload.content, folder)
    else:
        _split(upload.content, upload.files, folder)
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".csv" and path.is_file())
    named = [path for path in found if path.name.lower() == "queries.csv"]
    if len(found) != 1 and len(named) != 1:
        raise PhotoSetError(Message("One CSV is needed with the photos, but there are {number}.", number=len(found)))
    return found[0] if len(found) == 1 else named[0]


def unpack_zip(archive: Path, folder: Path, *, max_unpacked: int = MAX_UNPACKED) -> None:
    """Unpack the CSVs and pictures of a ZIP, up to a number of bytes, whatever sizes the ZIP claims.

    Invalid names and names outside the folder are skipped. Raises PhotoSetError if the ZIP cannot be read or contains
    too much.
    """
    try:
        with archive.open("rb") as file:
            _check_directory(file)
            with zipfile.ZipFile(file) as pack:
                entries = pack.infolist()
                if len(entries) > MAX_ENTRIES:
                    raise PhotoSetError(_TOO_LARGE_ZIP)
                if any(entry.flag_bits & _ENCRYPTED for entry in entries):
                    raise PhotoSetError(_UNREADABLE_ZIP)
                left = max_unpacked
                for entry in entries:
                    path = inner_path(entry.filename)
                    if path is not None and not entry.is_dir() and entry.compress_type in _METHODS:
                        left -= _extract(pack, entry, folder / path, left)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):  # zipfile raises these for versions it cannot read
        raise PhotoSetError(_UNREADABLE_ZIP) from None


def inner_path(name: str) -> PurePosixPath | None:
    """The place of a ZIP's file, relative to the folder; None if outside it, or neither a CSV nor a picture."""
    parts = name.split("/")
    is_plain = name.isprintable() and "\\" not in name and ":" not in name and len(parts) <= _MAX_DEPTH
    if not is_plain or any(part in ("", ".", "..") or len(part.encode()) > _MAX_PART for part in parts):
        return None
    if parts[0] == "__MACOSX" or parts[-1].startswith(".") or PurePosixPath(name).suffix.lower() not in _KINDS:
        return None
    return PurePosixPath(name)


def check_rows(
    csv: Path, products: Collection[str], *, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[list[LabelledPhoto], list[BadRow]]:
    """The rows of a set's CSV that can be measured, and the others with their reasons; each photo is decoded once.

    A photo is looked for where the CSV says, and next to the CSV. Raises PhotoSetError if the file is not such a CSV,
    or has more rows than can be measured at a time.
    """
    try:
        rows = read_queries(csv)
    except EvaluationError:
        raise PhotoSetError(
            Message("Choose a CSV in UTF-8 with the columns photo and product_id and one row per photo.")
        ) from None
    if len(rows) > MAX_PHOTOS:
        raise PhotoSetError(Message("Choose at most {number} photos at a time.", number=MAX_PHOTOS))
    good, bad = [], []
    for done, row in enumerate(rows, start=1):
        placed = _placed(row, csv.parent)
        reason = _problem(placed, csv.parent, products)
        if reason is None:
            good.append(placed)
        else:
            bad.append(BadRow(row.name[:200], reason))
        progress(done, len(rows))
    return good, bad


def _placed(row: LabelledPhoto, folder: Path) -> LabelledPhoto:
    beside = folder / PurePosixPath(row.name.replace("\\", "/")).name
    return row if row.photo.is_file() or not beside.is_file() else replace(row, photo=beside)


def _problem(row: LabelledPhoto, folder: Path, products: Collection[str]) -> Message | None:
    if row.fault:
        return Message("The row is not complete: a photo and a product_id are needed.")
    if not row.photo.resolve().is_relative_to(folder.resolve()) or not row.photo.is_file():
        return Message("This photo was not sent.")
    if row.product_id not in products:
        return Message("There is no product {id} in the catalogue.", id=row.product_id[:100])
    try:
        read_photo(row.photo)
    except PhotoError:
        return Message("This photo can't be read: it is damaged, too small, too large, or not a picture.")
    return None


def _split(content: Path, files: Sequence[SentFile], folder: Path) -> None:
    """Write the files that were sent one after the other; skip invalid and repeated names."""
    with content.open("rb") as source:
        for file in files:
            path = inner_path(PurePosixPath(file.name.replace("\\", "/")).name)
            if path is None or (folder / path).exists() or file.size > MAX_PHOTO_BYTES:
                source.seek(file.size, 1)
                continue
            with (folder / path).open("xb") as target:
                left = file.size
                while left and (piece := source.read(min(left, _COPY_BYTES))):
                    target.write(piece)
                    left -= len(piece)


def _extract(pack: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Write one file and return how many bytes were unpacked; a damaged or too large one is left out."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path.open("xb")
    except OSError:  # the name is taken by another file or a folder
        return 0
    unpacked = 0
    try:
        with target, pack.open(entry) as source:
            while piece := source.read(_COPY_BYTES):
                unpacked += len(piece)
                if unpacked > left:
                    raise PhotoSetError(_TOO_LARGE_ZIP)
                if unpacked > MAX_PHOTO_BYTES:
                    raise zipfile.BadZipFile(entry.filename)
                target.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        path.unlink()
    return unpacked


def _check_directory(file: IO[bytes]) -> None:
    """Refuse a ZIP whose list of files would fill the memory, before reading that list."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _MAX_COMMENT))
    tail = file.read()
    place = tail.rfind(_END_SIGNATURE)
    if place < 0 or len(tail) - place < _END.size:
        raise zipfile.BadZipFile("no end")
    length = _END.unpack_from(tail, place)[5]
    if length > _MAX_DIRECTORY or _ZIP64_SIGNATURE in tail[max(0, place - _ZIP64_BYTES) : place]:
        raise PhotoSetError(_TOO_LARGE_ZIP)
