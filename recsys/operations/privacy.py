"""Files that only the app's user can read: those written from now on, and those already in a data home."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from recsys.settings import Settings


def write_privately() -> None:
    """Make this process and its children create files and folders that nobody else can read."""
    os.umask(0o077)


def close_home(settings: Settings) -> None:
    """Remove other users' permissions from the data home, as far as we own it."""
    for path, mode in _open_paths(settings):
        with suppress(OSError):
            path.chmod(mode & 0o700)


def _open_paths(settings: Settings) -> Iterator[tuple[Path, int]]:
    patterns = ("records/*.db*", "records/cookie.key", "cache/catalogue.json", "cache/jobs/*")
    found = [settings.home, *(path for pattern in patterns for path in settings.home.glob(pattern))]
    for path in found:
        with suppress(OSError):
            mode = path.stat().st_mode
            if mode & 0o077:
                yield path, mode
