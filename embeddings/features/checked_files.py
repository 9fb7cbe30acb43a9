"""The row files of a shared store that a machine has checked or written, and need not read again."""

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from embeddings.features.addressed_files import AddressedFiles
from embeddings.files import atomic_write

_DATA = "rows.lance/data"
_REMEMBER_SECONDS = 60.0  # after an interruption, files written since are checked again


class CheckedFiles:
    """The data files at an address, with the size and time each had when this machine checked it."""

    def __init__(self, files: AddressedFiles, path: Path) -> None:
        self._files, self._path = files, path
        self._unsound: set[str] | None = None  # None: not checked yet
        self._remembered = time.monotonic()

    def begin(self) -> set[str]:
        """The files unchanged since this machine checked or wrote them; the caller checks the others."""
        self._unsound = set()
        try:
            checked = json.loads(self._path.read_bytes())
            return {name for name, status in self._files.found(_DATA).items() if checked.get(name) == status}
        except (OSError, ValueError, AttributeError):
            return set()

    def leave_out(self, fragments: Iterable[Any]) -> None:
        """Note damaged fragments, whose files are to be checked again next time."""
        if self._unsound is not None:
            self._unsound.update(*map(files_of, fragments))

    def remember(self) -> None:
        """Remember all undamaged files, if they have been checked."""
        self._remembered = time.monotonic()
        if self._unsound is None:
            return
        with suppress(OSError):  # they will be read again
            found = self._files.found(_DATA)
            sound = {name: status for name, status in found.items() if name not in self._unsound}
            with atomic_write(self._path, sync=False) as file:
                file.write(json.dumps(sound).encode())

    def remember_now_and_then(self) -> None:
        """Remember them, unless that was done a moment ago."""
        if time.monotonic() - self._remembered > _REMEMBER_SECONDS:
            self.remember()

    def forget(self) -> None:
        """Let all files be checked again."""
        self._path.unlink(missing_ok=True)


def files_of(fragment: Any) -> list[str]:
    """The names of a fragment's files at the address."""
    return [f"{_DATA}/{file.path}" for file in fragment.data_files()]
