"""The store of a backbone's vectors or descriptions of pictures: one contract, several engines.

A store has one kind, such as `vectors`. Its rows are records: a picture's key, its vector, and further fields. They are
written as they are made, so that the next run continues an interrupted one, and become readable all at once when a
version is published. `embeddings/features/sqlite_store.py` is the store on this machine's disk.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.files import atomic_write
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity

if TYPE_CHECKING:  # its dependencies may not be installed
    from embeddings.features.lance_index import LanceIndex

Matrix = NDArray[np.float32]  # (n, dim), each row of length 1
Records = NDArray[Any]  # (n,) of a store's type, which starts with `key` and `vector`
Rows = NDArray[np.int64]  # row numbers
S = TypeVar("S")
T = TypeVar("T")

ROUNDING = 1e-5  # the largest float32 error in a dot product of two unit vectors
_NORM_TOLERANCE = 1e-3
_BLOCK_ROWS = 8192


@dataclass(frozen=True)
class Version:
    """A readable version of a store: row i of its matrix is the vector of `image_keys[i]`, made by `identity`.

    Another version has another `number`, even with the same rows; `checksum` is the CRC-32 of keys and matrix. If the
    store has an index of it, `recall` is the share of exact search's 64 nearest that the index finds.
    """

    number: str
    identity: NetworkIdentity
    precision: str
    image_keys: tuple[str, ...]
    checksum: int
    recall: float | None = None


@dataclass(frozen=True)
class Written:
    """Rows on their way into a store: where their maker has put them, or the rows themselves."""

    num_rows: int
    content: Any


class Spread(Protocol):
    """A function like `map` that may run on other machines."""

    def __call__(self, do: Callable[[S], T], things: Iterable[S], /) -> Iterable[T]:  # noqa: D102
        ...


class Store(Protocol):
    """The rows of one kind that a backbone made. Safe to share between threads and processes.

    Unreadable data raises VectorsError; disk and network failures raise OSError.
    """

    dtype: np.dtype[Any]
    """A record's type in memory."""

    batch_rows: int
    """The number of rows written at a time: an interrupted run repeats at most this many."""

    def number(self) -> str:
        """A value that changes with every published version: its number, if there is one. Cheap."""
        ...

    def version(self) -> Version:
        """The published version. Raises VectorsError if there is none, or if it is damaged."""
        ...

    def kept(self, identity: NetworkIdentity) -> set[str]:
        """The pictures whose undamaged rows by `identity` are here, published or not; may read all of them.

        A store that is too damaged to read is cleared, to be filled again.
        """
        ...

    def write(self, identity: NetworkIdentity, precision: str, records: Records) -> None:
        """Save some rows, (n,), replacing older ones of the same pictures: all of them, or none if that fails."""
        ...

    def writer(self) -> Callable[[NetworkIdentity, str, Records], Written]:
        """A writer for the rows, (n,), that a machine makes; it can be sent to other machines."""
        ...

    def commit(self, written: Sequence[Written]) -> None:
        """Save rows that `writer` took, as `write` does."""
        ...

    def publish(self, identity: NetworkIdentity, image_keys: Sequence[str], spread: Spread = map) -> None:
        """Publish the rows of these pictures, in this order, for reading from now on.

        The previous version's rows stay for its readers; older ones are removed. Work on many rows is given to
        `spread`. Raises VectorsError if a row is missing or is not a unit vector, and leaves the published version
        unchanged.
        """
        ...

    def matrix(self, version: Version) -> Matrix:
        """The vectors of a version: (len(version.image_keys), dim), memory-mapped and read-only."""
        ...

    def index(self, version: Version) -> "LanceIndex | None":
        """The index of a version's vectors; None if the matrix is searched. Raises VectorsError for damage."""
        ...

    def read(self, version: Version, image_keys: Sequence[str]) -> Records:
        """The records of some pictures, in this order: (len(image_keys),). Raises VectorsError if one is damaged."""
        ...


def vector_type(backbone: Backbone) -> np.dtype[Any]:
    """The type of a record with only a picture's vector."""
    return np.dtype([("key", "S64"), ("vector", "<f4", (backbone.dim,))])


def passed_on(identity: NetworkIdentity, precision: str, records: Records) -> Written:
    """Pass rows on unchanged, to a store that only one machine can write to."""
    return Written(len(records), (identity, precision, records))


@lru_cache(maxsize=64)  # every row that is written needs it
def identity_text(identity: NetworkIdentity) -> str:
    """The text that marks an identity's rows."""
    return json.dumps(asdict(identity), sort_keys=True)


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values `size` at a time, and the rest at the end."""
    remaining = iter(values)
    while batch := list(islice(remaining, size)):
        yield batch


def matrix_of(store: Store, version: Version, image_keys: Sequence[str]) -> Matrix:
    """The vectors of these pictures, all of which the version has: (len(image_keys), dim).

    Memory-mapped if the version starts with these pictures, otherwise a copy.
    """
    matrix = store.matrix(version)
    if version.image_keys[: len(image_keys)] == tuple(image_keys):
        return matrix[: len(image_keys)]
    rows = {key: row for row, key in enumerate(version.image_keys)}
    return matrix[[rows[key] for key in image_keys]]


def check_unit_vectors(matrix: Matrix) -> None:
    """Check that `matrix` is (n, dim) float32 with rows of length 1, so that neither NaN nor infinity gets in.

    Raises VectorsError. Reads the matrix once, block by block.
    """
    if matrix.ndim != 2 or matrix.dtype != np.float32:
        raise VectorsError(f"Expected float32 vectors of shape (n, dim), got {matrix.dtype} of shape {matrix.shape}.")
    for start in range(0, len(matrix), _BLOCK_ROWS):
        block = matrix[start : start + _BLOCK_ROWS]
        wrong = ~(np.abs(np.einsum("ij,ij->i", block, block) - 1) < _NORM_TOLERANCE)
        if wrong.any():
            row = start + int(wrong.argmax())
            raise VectorsError(f"Expected vectors of length 1, got another length or no number in row {row}.")


def check_fit(version: Version, identity: NetworkIdentity, image_keys: Sequence[str]) -> None:
    """Check that a version has a vector for each of `image_keys`, made by `identity`; it may have more.

    Raises VectorsError, which names what differs (the network, its weights, its preprocessing) or what is missing.
    """
    for field in fields(NetworkIdentity):
        stored, current = getattr(version.identity, field.name), getattr(identity, field.name)
        if stored != current:
            raise VectorsError(f"they were made with another {_FIELD_NAMES[field.name]} ({stored}, now {current})")
    if missing := set(image_keys) - set(version.image_keys):
        raise not_stored(len(missing))


_FIELD_NAMES = {
    "backbone": "network",
    "weights_sha256": "weights file",
    "preprocessing": "preprocessing",
    "pictures": "resizing of the pictures",
}


class MappedMatrix:
    """The vectors of a store's versions as files that all processes map; each can be rebuilt from the rows."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder, self._kind = folder, kind

    def keep(self, number: str, matrix: Matrix) -> None:
        """Write the matrix of the version with that number."""
        with atomic_write(self._path(number)) as file:
            np.save(file, matrix)

    def keep_only(self, number: str) -> None:
        """Remove the matrices of all other versions; processes that have mapped one keep it."""
        for path in self._folder.glob(f"{self._kind}-*.npy"):
            if path != self._path(number):
                path.unlink(missing_ok=True)

    def mapped(self, version: Version, dim: int, make: Callable[[], Matrix]) -> Matrix:
        """The matrix of a version; `make` reads it from the rows if the file is missing or damaged.

        Raises VectorsError if the rows are not those that were published, either.
        """
        if (matrix := self._sound(version, dim)) is not None:
            return matrix
        made = make()
        if checksum_of(version.image_keys, made) != version.checksum:
            raise VectorsError(f"the vectors in {self._folder} are damaged: they are not those published")
        self.keep(version.number, made)
        mapped = self._sound(version, dim)
        return made if mapped is None else mapped  # publishing the next version may have removed it by now

    def _sound(self, version: Version, dim: int) -> Matrix | None:
        try:
            matrix: Matrix = np.load(self._path(version.number), mmap_mode="r", allow_pickle=False)
        except (FileNotFoundError, ValueError, EOFError):
            return None
        is_expected = matrix.shape == (len(version.image_keys), dim) and matrix.dtype == np.float32
        return matrix if is_expected and checksum_of(version.image_keys, matrix) == version.checksum else None

    def _path(self, number: str) -> Path:
        return self._folder / f"{self._kind}-{number}.npy"


def checksum_of(image_keys: Sequence[str], matrix: Matrix) -> int:
    """The `checksum` of a version."""
    return zlib.crc32(matrix.data, zlib.crc32("\n".join(image_keys).encode()))


def nothing_in(place: object) -> VectorsError:
    """The error if nothing is published."""
    return VectorsError(f"no vectors in {place}")


def not_stored(count: int) -> VectorsError:
    """The error if pictures have no row."""
    return VectorsError(f"{count:,} of the pictures have no vector yet")


def damaged(place: object, reason: object) -> VectorsError:
    """The error for something damaged."""
    return VectorsError(f"{place} is damaged ({reason})")
