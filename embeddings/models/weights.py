"""Where a backbone's weights are, what state they are in, and how they get there.

Weights come with a Python package (`bundled`), from Keras' address or a mirror of it (`official`), or from a file of
the user's (`your file`). Each downloaded or added file has a note next to it, with its SHA-256 at that time.
"""

import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock

from embeddings.errors import AddWeights, FetchWeights, InstallRequirements, Remedy, WeightsError
from embeddings.files import atomic_write
from embeddings.models.backbones import Backbone


class WeightsState(StrEnum):
    """The state of a backbone's weights."""

    BUNDLED = "bundled"
    OFFICIAL = "ready (official)"
    OWN = "ready (your file)"
    FETCHABLE = "can be fetched"
    BROKEN = "broken"

    @property
    def is_here(self) -> bool:
        """Whether the weights are on this machine and usable."""
        return self in (WeightsState.BUNDLED, WeightsState.OFFICIAL, WeightsState.OWN)


@dataclass(frozen=True)
class WeightsFolders:
    """Where weights are stored: downloaded ones may be deleted, added ones may not."""

    fetched: Path
    added: Path


@dataclass(frozen=True)
class WeightsFile:
    """A weights file on this machine; `sha256` in hex, or the reason why it must not be used."""

    path: Path
    state: WeightsState
    sha256: str = ""
    problem: str = ""
    remedies: tuple[Remedy, ...] = ()


class WeightsLibrary:
    """The weights of every backbone on this machine."""

    def __init__(self, folders: WeightsFolders) -> None:
        self.folders = folders

    def state(self, backbone: Backbone) -> WeightsState:
        """The state of the backbone's weights."""
        found = self._found(backbone)
        return found.state if found else WeightsState.FETCHABLE

    def file(self, backbone: Backbone) -> WeightsFile:
        """Find the backbone's weights: the user's own file before the official one.

        Raises WeightsError, with what to do, if they are missing or have changed.
        """
        found = self._found(backbone)
        if found is None:
            raise WeightsError(
                f"Expected the weights of {backbone.name}, which are not on this machine yet.",
                remedies=(FetchWeights(backbone.name), AddWeights(backbone.name)),
            )
        if found.problem:
            raise WeightsError(found.problem, remedies=found.remedies)
        return found

    def fetched_path(self, backbone: Backbone) -> Path:
        """The path of the official file once it is downloaded."""
        return self.folders.fetched / backbone.weights_file

    def take(self, backbone: Backbone, source: Path, check: Callable[[Path, str], None]) -> None:
        """Store a copy of the user's own weights file, replacing any that was added before.

        `check` gets the file and its SHA-256 and raises WeightsError if it does not fit the network; the previous file
        then stays. Also raises WeightsError if the file cannot be read, and for a bundled backbone, which needs none.
        """
        if backbone.is_bundled:
            raise WeightsError(f"Expected a backbone that needs a weights file, but {backbone.name}'s is bundled.")
        _refuse_foreign(source)
        target = self._added_path(backbone)
        self.folders.added.mkdir(parents=True, exist_ok=True)
        candidate = target.with_name(f".{target.name}.checking")
        with FileLock(self.folders.added / f"{backbone.name}.lock"):
            try:
                shutil.copyfile(source, candidate)
                check(candidate, digest := _sha256(candidate))
                candidate.replace(target)
            except OSError as error:
                raise WeightsError(
                    f"Expected a weights file at {source}, which cannot be taken: {error.strerror}."
                ) from None
            finally:
                candidate.unlink(missing_ok=True)
            remember(target, digest)

    def _found(self, backbone: Backbone) -> WeightsFile | None:
        if backbone.is_bundled:
            return self._bundled(backbone)
        own, official = self._added_path(backbone), self.fetched_path(backbone)
        if own.is_file():
            return self._remembered(backbone, own, WeightsState.OWN)
        return self._remembered(backbone, official, WeightsState.OFFICIAL) if official.is_file() else None

    def _added_path(self, backbone: Backbone) -> Path:
        return self.folders.added / f"{backbone.name}.weights"

    def _bundled(self, backbone: Backbone) -> WeightsFile:
        """The weights file inside its package."""
        path = _folder_of(backbone.package) / "models" / backbone.weights_file
        digest = sha256_of(path) if path.is_file() else ""
        if f"sha256:{digest}" == backbone.weights_hash:
            return WeightsFile(path, WeightsState.BUNDLED, digest)
        problem = f"Expected {backbone.weights_file} from the package {backbone.package}, found none that is whole."
        return WeightsFile(path, WeightsState.BROKEN, problem=problem, remedies=(InstallRequirements(),))

    def _remembered(self, backbone: Backbone, path: Path, state: WeightsState) -> WeightsFile:
        """A stored file, compared with the note made when it was added."""
        try:
            expected = json.loads(_note(path).read_bytes())["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            expected = "no note of it"
        if (received := sha256_of(path)) != expected:
            problem = f"Expected {path} with SHA-256 {expected}, got {received}."
            remedy = (AddWeights if state is WeightsState.OWN else FetchWeights)(backbone.name)
            return WeightsFile(path, WeightsState.BROKEN, problem=problem, remedies=(remedy,))
        return WeightsFile(path, state, received)


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex, computed again in this process only if its size or time has changed."""
    status = path.stat()
    return _sha256_of(path, status.st_size, status.st_mtime_ns)


@cache
def _sha256_of(path: Path, size: int, time_ns: int) -> str:
    return _sha256(path)


@cache
def _folder_of(package: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else Path(package)


_HDF5 = b"\x89HDF\r\n\x1a\n"
_SAVE = "save its weights with Keras' `save_weights('x.weights.h5')`"
_FOREIGN = (  # how a file often mistaken for weights starts, and what it is
    (rb"(\xef\xbb\xbf)?\s*<", "a web page (HTML): the download went wrong, fetch it again"),
    (rb"version https://git-lfs", "a pointer of git-lfs, not the file itself: run `git lfs pull` where it came from"),
    (rb"PK\x03\x04", f"a whole .keras model, a PyTorch file or another archive: {_SAVE}"),
    (rb"\x80", f"a PyTorch or pickle file: {_SAVE}"),
    (rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|\x28\xb5\x2f\xfd", "a compressed file: unpack it first"),
    (rb".{8}\{\"", f"a safetensors file: {_SAVE}"),
    (rb"\Z", "an empty file: the download went wrong, fetch it again"),
    (rb"[\t-\r -~]+\Z", "a text: the download went wrong, fetch it again"),
    (rb"", f"a file of another kind: {_SAVE}"),
)


def _refuse_foreign(source: Path) -> None:
    """Raise WeightsError, in plain words, for a file that is not HDF5 but often mistaken for weights."""
    try:
        with source.open("rb") as file:
            beginning = file.read(64)
            if beginning.startswith(_HDF5) or _has_signature_further_on(file):
                return
    except OSError:
        return  # reported when it is copied
    kind = next(kind for start, kind in _FOREIGN if re.match(start, beginning, re.DOTALL))
    if beginning.startswith(b"PK\x03\x04"):
        kind = _archive_kind(source) or kind
    raise WeightsError(f"Expected Keras' weights (.h5 or .weights.h5) in {source.name}, got {kind}.")


def _has_signature_further_on(file: BinaryIO) -> bool:
    """Whether the HDF5 signature comes later in the file: at 512 bytes, or at twice that, and so on."""
    place, size = 512, os.fstat(file.fileno()).st_size
    while place < size:
        file.seek(place)
        if file.read(len(_HDF5)) == _HDF5:
            return True
        place *= 2
    return False


def _archive_kind(source: Path) -> str:
    try:
        names = zipfile.ZipFile(source).namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return ""
    if "model.weights.h5" in names:
        return "a whole .keras model: unzip it and take the model.weights.h5 that is in it"
    if any(name.endswith("data.pkl") for name in names):
        return f"a PyTorch file: {_SAVE}"
    return "a ZIP archive: unpack it first"


def remember(path: Path, sha256: str) -> None:
    """Write a note next to a weights file with what it was when it was added."""
    with atomic_write(_note(path)) as file:
        file.write(json.dumps({"sha256": sha256}).encode())


def matches_published_hash(backbone: Backbone, path: Path) -> bool:
    """Whether a file has the hash that Keras publishes; true if Keras publishes none."""
    algorithm, _, expected = backbone.weights_hash.partition(":")
    return not expected or _file_hash(path, algorithm) == expected


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _sha256(path: Path) -> str:
    return _file_hash(path, "sha256")


def _file_hash(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
