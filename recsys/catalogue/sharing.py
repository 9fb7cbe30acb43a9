"""Sharing a catalogue, with its pictures, print index and calibrations, at an address for several machines.

One machine imports, encodes and sends; the others fetch. The catalogue itself comes last in both directions, and the
files it needs never change, so nobody sees half of one. Files that no catalogue needs any more are noted at the
address, and removed once machines that fetch an older catalogue must be done.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from embeddings.features.addressed_files import AddressedFiles
from embeddings.files import atomic_write
from embeddings.models.backbones import BACKBONES
from recsys.catalogue.image_store import remove_unused
from recsys.catalogue.import_lock import only_import
from recsys.catalogue.products import CATALOGUE_FILE, images_of, load_catalogue, maker_mark
from recsys.errors import CatalogueError, LostPictureError, SettingsError
from recsys.settings import shared_address

_LASTING = re.compile(r"images/(240|640)/[0-9a-f]{64}\.jpg|print/print-[0-9a-f]{8}\.faiss")  # and never changing
_FOLDERS = ("images", "print")  # their folders
_PRINT = "print/manifest.json"
_CHANGING = (_PRINT, *(f"embeddings/{name}/calibration.json" for name in BACKBONES), CATALOGUE_FILE)  # in this order
_UNUSED = "unused.json"  # when files at the address became unneeded, in seconds since 1970
_READ_SECONDS = 7 * 86_400.0  # how long a machine may still fetch or encode an older catalogue
_MOST_REMOVED = 10_000  # files, each time
_AT_ONCE = 16  # files in transfer

FilesDone = Callable[[int, int], None]  # called with the number of files done and the total


class SharedFiles:
    """The files of a data home's cache, and those at the address that it has copies of. Failures are OSError."""

    def __init__(self, cache: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Raises SettingsError if the cache has no address."""
        if not (address := shared_address(cache)):
            raise SettingsError("Expected RECSYS_CACHE to be an address that several machines share, got none: set it.")
        self._cache, self._address, self._clock = cache, address, clock
        self._files = AddressedFiles(address)
        self._seen: dict[str, list[int]] = {}  # the changing files, as last fetched

    def send(self) -> int:
        """Send what is missing at the address; return the number of files, without those that are always sent.

        Only one machine may do so at a time. Raises CatalogueError if there is none to send, LostPictureError if one of
        its pictures is lost.
        """
        load_catalogue(self._cache)
        changing = {name: content for name in _CHANGING if (content := self._kept(name))}
        needed, there = self._needed(changing), self._there()
        new = self._send_new(needed, there)
        for name, content in changing.items():
            self._files.send(BytesIO(content), name)
        if maker_mark(self._cache).exists():
            maker_mark(self._cache).write_text(_version(changing))
        self._remove_unused(there.keys() - needed)
        return new

    def send_pictures(self, paths: Iterable[Path], progress: FilesDone = lambda done, total: None) -> None:
        """Send those of some stored pictures that are missing at the address; `progress` is called with done and total.

        Raises LostPictureError if one is lost.
        """
        self._send_new([self._name(path) for path in paths], self._there(), progress)

    def fetch(self) -> int:
        """Fetch what has changed at the address; return the number of files.

        If nothing has, this only asks for the times of a few files. Local files that neither the new catalogue nor the
        previous one needs are removed. Raises CatalogueError if the data at the address is damaged, an import is
        running here, or unshared work of this machine would be lost.
        """
        found = {name: status for name in _CHANGING if (status := self._files.status(name))}
        if CATALOGUE_FILE not in found:
            raise CatalogueError(f"Expected a catalogue at {shared_address(self._cache)}, found none: share one there.")
        if found == self._seen:
            return 0
        with only_import(self._cache):
            before = {name: content for name in _CHANGING if (content := self._kept(name))}
            changing = {name: self._files.read(name) for name in found}  # the files they need were there before them
            changed = {name: content for name, content in changing.items() if content != before.get(name)}
            if changed:
                self._check_nothing_is_lost(before)
            needed = self._needed(changing)
            new = [name for name in needed if not (self._cache / name).is_file()]
            _each(lambda name: self._files.fetch(name, self._cache / name), new)
            for name, content in changed.items():
                with atomic_write(self._cache / name, sync=False) as file:
                    file.write(content)
            maker_mark(self._cache).unlink(missing_ok=True)
            if CATALOGUE_FILE in changed:
                with suppress(CatalogueError):  # the previous one may be damaged
                    self._forget_all_but({*needed, *self._needed(before)})
        self._seen = found
        return len(new) + len(changed)

    def _check_nothing_is_lost(self, here: Mapping[str, bytes]) -> None:
        mark = maker_mark(self._cache)
        if mark.exists() and mark.read_text() != _version(here):
            raise CatalogueError(
                "Expected the catalogue made on this machine to be shared before another is fetched, but it is not: "
                f"run catalogue share, or remove {mark} to have it replaced."
            )

    def read(self, path: Path) -> bytes:
        """Read a file of the cache at the address; it need not exist locally."""
        return self._files.read(self._name(path))

    def _name(self, path: Path) -> str:
        """The name of a cache file at the address."""
        return str(path.relative_to(self._cache))

    def _send_new(
        self, names: Iterable[str], there: Mapping[str, int], progress: FilesDone = lambda done, total: None
    ) -> int:
        new = [name for name in names if there.get(name) != self._size(name)]
        _each(self._send, new, progress)
        return len(new)

    def _send(self, name: str) -> None:
        with (self._cache / name).open("rb") as file:
            self._files.send(file, name)

    def _size(self, name: str) -> int:
        path = self._cache / name
        try:
            return path.stat().st_size
        except FileNotFoundError:
            raise LostPictureError(path, path.stem) from None

    def _needed(self, changing: Mapping[str, bytes]) -> list[str]:
        """The names of the files that these need. Raises CatalogueError if they are damaged."""
        images, none = images_of(Path()), b""
        try:
            keys = dict.fromkeys(_image_keys(changing.get(CATALOGUE_FILE, none)))
            names = [str(path(key)) for key in keys for path in (images.study_path, images.display_path)]
            if manifest := changing.get(_PRINT):
                names.append(f"print/{json.loads(manifest)['file']}")
        except (ValueError, KeyError, TypeError):
            names = [""]
        if not all(map(_LASTING.fullmatch, names)):
            raise CatalogueError(f"Expected a catalogue at {self._address}, found a damaged one: share it again.")
        return names

    def _remove_unused(self, names: Collection[str]) -> None:
        """Note which files at the address no catalogue needs, and remove those noted long ago."""
        noted: dict[str, float] = {}
        if self._files.status(_UNUSED):
            with suppress(ValueError):  # a damaged note is started again
                noted = json.loads(self._files.read(_UNUSED))
        now = self._clock()
        unused = {name: noted.get(name, now) for name in sorted(names)}
        gone = [name for name, since in unused.items() if now - since > _READ_SECONDS][:_MOST_REMOVED]
        _each(self._files.remove, gone)
        for name in gone:
            del unused[name]
        self._files.send(BytesIO(json.dumps(unused).encode()), _UNUSED)

    def _forget_all_but(self, names: Collection[str]) -> None:
        remove_unused(images_of(self._cache), {Path(name).stem for name in names})
        for path in (self._cache / "print").glob("print-*.faiss"):
            if self._name(path) not in names:
                path.unlink(missing_ok=True)

    def _kept(self, name: str) -> bytes:
        path = self._cache / name
        return path.read_bytes() if path.is_file() else b""

    def _there(self) -> dict[str, int]:
        """The unchanging files at the address, with their sizes in bytes."""
        found = [one for folder in _FOLDERS for one in self._files.found(folder).items()]
        return {name: size for name, (size, _) in found if _LASTING.fullmatch(name)}


def keys_elsewhere(cache: Path) -> tuple[str, ...]:
    """The pictures of the catalogue that other machines search until they fetch a new one; None if there are none."""
    address = shared_address(cache)
    files = AddressedFiles(address)
    return _image_keys(files.read(CATALOGUE_FILE)) if address and files.status(CATALOGUE_FILE) else ()


def _each(do: Callable[[str], None], names: Collection[str], progress: FilesDone = lambda done, total: None) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done, _ in enumerate(pool.map(do, names), start=1):
            progress(done, len(names))


def _version(changing: Mapping[str, bytes]) -> str:
    return hashlib.sha256(b"".join(content for _, content in sorted(changing.items()))).hexdigest()


def _image_keys(catalogue: bytes) -> tuple[str, ...]:
    return tuple(product["image_key"] for product in json.loads(catalogue)["products"]) if catalogue else ()
