"""Pictures that a CSV names by a relative path within its folder."""

import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

from embeddings.imaging.photos import MAX_PHOTO_BYTES
from recsys.errors import CatalogueError

_HOST = re.compile(r"(https?/|[\w-]+(\.[\w-]+)*\.([a-z]{2,}|\d+)(:\d+)?/)", re.IGNORECASE)


class PictureError(CatalogueError):
    """A picture that cannot be obtained; the message is the reason in the report."""


@dataclass(frozen=True)
class LocalFile:
    """A regular file inside the CSV's folder; `stamp` changes when the file does."""

    path: Path
    stamp: str


def find_file(folder: Path, image_url: str) -> LocalFile:
    """Find the picture that `image_url` (plain or percent-encoded, `/` or `\\`) names below `folder`.

    Raises PictureError if there is none, it is outside the folder, or it is not a regular file.
    """
    root = folder.resolve()
    for spelling in _spellings(image_url):
        try:
            path = _inside(root, root / _relative(spelling))
            if not path.exists():
                path = _inside(root, _in_any_case(root, path))
            status = path.stat()
        except (OSError, ValueError, RuntimeError):  # missing, an impossible name, a loop of links
            continue
        if not stat.S_ISREG(status.st_mode):
            raise PictureError("Expected a picture file, got a folder or a device: name a file.")
        if status.st_size > MAX_PHOTO_BYTES:
            raise PictureError(
                f"Expected at most {MAX_PHOTO_BYTES / 2**20:g} MB, got {status.st_size / 2**20:.1f} MB: shrink it."
            )
        return LocalFile(path, f"{status.st_size} bytes, {status.st_mtime_ns} ns")
    hint = ": if it is a web address, write https:// before it" if _HOST.match(image_url) else ""
    raise PictureError(f"Expected a picture, found no file {image_url[:200]!r} in the CSV's folder{hint}.")


def read_file(file: LocalFile) -> bytes:
    """Read a found file. Raises PictureError when that fails."""
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise PictureError(f"Expected a picture, cannot read the file: {error.strerror}.") from None


def _inside(root: Path, path: Path) -> Path:
    path = path.resolve()
    if not path.is_relative_to(root):
        raise PictureError("Expected a picture in the CSV's folder, got a path outside it: move it there.")
    return path


def _in_any_case(root: Path, path: Path) -> Path:
    """The file below `root` whose path differs only in case, which Windows ignores."""
    folder = root
    for part in path.relative_to(root).parts:
        names = _names_in_lower_case(folder, folder.stat().st_mtime_ns).get(part.casefold(), [])
        folder /= names[0] if len(names) == 1 else part
    return folder


@lru_cache(maxsize=64)
def _names_in_lower_case(folder: Path, changed: int) -> dict[str, list[str]]:
    """A folder's files by lower-case name; `changed` is its time, so that a CSV of missing files reads it only once."""
    names: dict[str, list[str]] = {}
    for entry in folder.iterdir():
        names.setdefault(entry.name.casefold(), []).append(entry.name)
    return names


def _relative(path: str) -> str:
    if path.startswith("/") or PureWindowsPath(path).anchor:
        raise PictureError(
            "Expected http, https or a path relative to the CSV, got an absolute path: make it relative."
        )
    return path


def _spellings(image_url: str) -> Iterator[str]:
    """The possible file names; where a file was made decides whether accents are composed or decomposed."""
    plain = image_url.replace("\\", "/")
    for path in dict.fromkeys((plain, unquote(plain).replace("\\", "/"))):
        yield from dict.fromkeys((path, unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)))
