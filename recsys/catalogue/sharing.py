"""A catalogue with its pictures, its index of print and its calibrations, at the address that several machines share.

One machine imports, encodes and sends; the others fetch. The catalogue itself comes last both ways, and the files that
it needs never change, so nobody sees half of one.
"""

from pathlib import Path
from typing import Any

from pyarrow import fs

from embeddings.files import atomic_write
from embeddings.models.backbones import BACKBONES
from recsys.catalogue.products import CATALOGUE_FILE
from recsys.errors import SettingsError
from recsys.settings import shared_address

_LASTING = ("images/*/*.jpg", "print/print-*.faiss")  # another content has another name
_FOLDERS = ("images", "print")  # where those are
_CHANGING = (  # in the order in which they go
    "print/manifest.json",
    *(f"embeddings/{name}/calibration.json" for name in BACKBONES),
    CATALOGUE_FILE,
)


class SharedFiles:
    """The files of a data home's cache, and those at the address that it has copies of. What goes wrong is OSError."""

    def __init__(self, cache: Path) -> None:
        """Raises SettingsError where the cache has no address."""
        if not (address := shared_address(cache)):
            raise SettingsError("Expected RECSYS_CACHE to be an address that several machines share, got none: set it.")
        self._cache, self._is_bucket = cache, "://" in address
        self._system, self._root = fs.LocalFileSystem(), address
        if self._is_bucket:
            self._system, self._root = fs.FileSystem.from_uri(address)
        self._seen: dict[str, tuple[Any, Any]] = {}  # what changes, as it was when it was fetched last

    def send(self) -> int:
        """Send what the address has not; return how many files that were, without those that are sent each time."""
        there = self._lasting()
        here = (path for pattern in _LASTING for path in sorted(self._cache.glob(pattern)))
        new = [name for path in here if (name := str(path.relative_to(self._cache))) not in there]
        for name in (*new, *(name for name in _CHANGING if (self._cache / name).is_file())):
            self._write(name, (self._cache / name).read_bytes())
        return len(new)

    def fetch(self) -> int:
        """Fetch what has changed at the address; return how many files that were.

        Where nothing has, only the times of a few files are asked for.
        """
        found = {name: time for name in _CHANGING if (time := self._time(name))}
        if found == self._seen:
            return 0
        changed = {name: self._read(name) for name in found}  # what they need was there before them
        changed = {name: content for name, content in changed.items() if content != self._kept(name)}
        new = {name: None for name in self._lasting() if not (self._cache / name).is_file()}
        for name in (*new, *changed):
            with atomic_write(self._cache / name, sync=False) as file:
                file.write(changed.get(name) or self._read(name))
        self._seen = found
        return len(new) + len(changed)

    def _kept(self, name: str) -> bytes:
        path = self._cache / name
        return path.read_bytes() if path.is_file() else b""

    def _lasting(self) -> set[str]:
        """The names of the address's files that never change."""
        selectors = (fs.FileSelector(f"{self._root}/{name}", True, True) for name in _FOLDERS)  # may be missing, all
        paths = (found.path for selector in selectors for found in self._system.get_file_info(selector))
        names = (path[len(self._root) + 1 :] for path in paths)
        inside = (name for name in names if ".." not in Path(name).parts)
        return {name for name in inside if any(Path(name).match(pattern) for pattern in _LASTING)}

    def _time(self, name: str) -> tuple[Any, Any] | None:
        """What changes when a file at the address does; None where there is none."""
        found = self._system.get_file_info(f"{self._root}/{name}")
        return (found.mtime_ns, found.size) if found.type == fs.FileType.File else None

    def _read(self, name: str) -> bytes:
        with self._system.open_input_stream(f"{self._root}/{name}") as file:
            content: bytes = file.read()
        return content

    def _write(self, name: str, content: bytes) -> None:
        """Write a file whole: a bucket shows none before it is, a folder would."""
        path = f"{self._root}/{name}"
        written = path if self._is_bucket else f"{path}.part"
        if not self._is_bucket:
            self._system.create_dir(path.rpartition("/")[0], recursive=True)
        with self._system.open_output_stream(written) as file:
            file.write(content)
        if written != path:
            self._system.move(written, path)
