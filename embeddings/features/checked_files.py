"""Which files of a shared store's rows a machine has checked or written: it need not read them again to know them."""

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from embeddings.features.addressed_files import AddressedFiles
from embeddings.files import atomic_write

_DATA = "rows.lance/data"
_REMEMBER_SECONDS = 60.0  # what was written since is checked again after an interruption


class CheckedFiles:
    """The data files at an address, and the size and time that each had when this machine checked it."""

    def __init__(self, files: AddressedFiles, path: Path) -> None:
        self._files, self._path = files, path
        self._unsound: set[str] | None = None  # None: nobody has looked yet
        self._remembered = time.monotonic()

    def begin(self) -> set[str]:
        """The files that are as they were when this machine checked or wrote them; the others are about to be."""
        self._unsound = set()
        try:
            checked = json.loads(self._path.read_bytes())
            return {name for name, status in self._files.found(_DATA).items() if checked.get(name) == status}
        except (OSError, ValueError, AttributeError):
            return set()

    def leave_out(self, fragments: Iterable[Any]) -> None:
        """Take note of fragments that are damaged, of which the files are looked at again next time."""
        if self._unsound is not None:
            self._unsound.update(*map(files_of, fragments))

    def remember(self) -> None:
        """Remember all files that are not damaged, once they have been looked at."""
        self._remembered = time.monotonic()
        if self._unsound is None:
            return
        with suppress(OSError):  # then they are read again
            found = self._files.found(_DATA)
            sound = {name: status for name, status in found.items() if name not in self._unsound}
            with atomic_write(self._path, sync=False) as file:
                file.write(json.dumps(sound).encode())

    def remember_now_and_then(self) -> None:
        """Remember them unless that was a moment ago."""
        if time.monotonic() - self._remembered > _REMEMBER_SECONDS:
            self.remember()

    def forget(self) -> None:
        """Have all files looked at again."""
        self._path.unlink(missing_ok=True)


def files_of(fragment: Any) -> list[str]:
    """What a fragment's files are called at the address."""
    return [f"{_DATA}/{file.path}" for file in fragment.data_files()]
