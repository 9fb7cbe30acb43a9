"""Vectors on disk: a memory-mapped matrix and a manifest that tells what it was made of.

`<folder>/vectors.npy` holds (n, dim) float32 unit vectors; `<folder>/manifest.json` says which
image each row is, which network made it, and the matrix's checksum. Vectors of an unfinished run
wait in `<folder>/journal.bin`.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.files import atomic_write
from embeddings.messages import Message
from embeddings.models.compiled import NetworkIdentity

Matrix = NDArray[np.float32]  # (n, dim), each row of length 1

FORMAT_VERSION = 1
_NORM_TOLERANCE = 1e-3
_BLOCK_ROWS = 8192
_READ_TRIES, _READ_TRY_SECONDS = 3, 0.02


@dataclass(frozen=True)
class Manifest:
    """What a stored matrix is: row i is the vector of `image_keys[i]`, made by `identity`."""

    identity: NetworkIdentity
    precision: str
    image_keys: tuple[str, ...]
    dim: int
    checksum: int  # CRC-32 of the matrix's bytes


@dataclass(frozen=True)
class StoredVectors:
    """A matrix, memory-mapped read-only, with its manifest."""

    matrix: Matrix
    manifest: Manifest

    def matrix_of(self, image_keys: Sequence[str]) -> Matrix:
        """The vectors of these pictures, all of which are here: (len(image_keys), dim).

        Memory-mapped where the pictures are those of the manifest, else a copy.
        """
        if self.manifest.image_keys == tuple(image_keys):
            return self.matrix
        rows = {key: row for row, key in enumerate(self.manifest.image_keys)}
        return self.matrix[[rows[key] for key in image_keys]]


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


def write_vectors(
    folder: Path, matrix: Matrix, image_keys: Sequence[str], network: NetworkIdentity, precision: str
) -> None:
    """Store `matrix`, (n, dim) float32 unit vectors, row i being the vector of `image_keys[i]`.

    Raises VectorsError when the vectors are not unit vectors or not one an image.
    """
    check_unit_vectors(matrix)
    if len(image_keys) != len(matrix):
        raise VectorsError(f"Expected a vector an image, got {len(matrix)} vectors for {len(image_keys)} images.")
    matrix = np.ascontiguousarray(matrix)
    manifest = Manifest(network, precision, tuple(image_keys), matrix.shape[1], zlib.crc32(matrix.data))
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        with atomic_write(folder / "vectors.npy") as file:
            np.save(file, matrix)
        with atomic_write(folder / "manifest.json") as file:
            file.write(json.dumps({"format": FORMAT_VERSION, **asdict(manifest)}, indent=0).encode())


def read_vectors(folder: Path) -> StoredVectors:
    """Read what `write_vectors` stored below `folder`.

    Raises VectorsError when there is nothing, or when a file is damaged.
    """
    if not (folder / "manifest.json").is_file():
        raise VectorsError("no vectors in {folder}", folder=folder)
    for _ in range(_READ_TRIES):  # between the writer's two files a reader finds one of each
        try:
            return _read(folder)
        except VectorsError as error:
            mismatch = error
            sleep(_READ_TRY_SECONDS)
    raise mismatch


def read_manifest(folder: Path) -> Manifest:
    """Read what the vectors below `folder` are, without looking at them.

    Raises VectorsError when there are none, or when the manifest is damaged.
    """
    try:
        return _manifest_in((folder / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise VectorsError("no vectors in {folder}", folder=folder) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from None


def stored_files(folder: Path) -> tuple[Path, Path]:
    """The files that change whenever `write_vectors` has stored something below `folder`."""
    return folder / "manifest.json", folder / "vectors.npy"


def _read(folder: Path) -> StoredVectors:
    manifest = read_manifest(folder)
    try:
        matrix = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(folder, error) from None
    expected = (len(manifest.image_keys), manifest.dim)
    if matrix.shape != expected or matrix.dtype != np.float32 or zlib.crc32(matrix.data) != manifest.checksum:
        raise VectorsError("vectors.npy in {folder} is damaged: it is not what its manifest describes", folder=folder)
    return StoredVectors(matrix, manifest)


def _damaged(folder: Path, error: Exception) -> VectorsError:
    return VectorsError("the files in {folder} are damaged ({reason})", folder=folder, reason=str(error))


def check_fit(manifest: Manifest, identity: NetworkIdentity, image_keys: Sequence[str]) -> None:
    """Check that there is a stored vector of each of `image_keys`, made by `identity`; there may be more.

    Raises VectorsError that names what is another (the network, its weights, its preprocessing) or what is missing.
    """
    check_identity(manifest, identity)
    if missing := set(image_keys) - set(manifest.image_keys):
        raise VectorsError("{count} of the pictures have no vector yet", count=len(missing))


def check_identity(manifest: Manifest, identity: NetworkIdentity) -> None:
    """Check that stored vectors were made by `identity`; raises VectorsError that names what differs."""
    for field in fields(NetworkIdentity):
        stored, current = getattr(manifest.identity, field.name), getattr(identity, field.name)
        if stored != current:
            raise VectorsError(
                "they were made with another {part} ({stored}, now {current})",
                part=_FIELD_NAMES[field.name],
                stored=stored,
                current=current,
            )


_FIELD_NAMES = {
    "backbone": Message("network"),
    "weights_sha256": Message("weights file"),
    "preprocessing": Message("preprocessing"),
    "pictures": Message("resizing of the pictures"),
}


def _manifest_in(text: bytes) -> Manifest:
    content: dict[str, Any] = json.loads(text)
    if content["format"] != FORMAT_VERSION:
        raise ValueError(f"format {content['format']}, expected {FORMAT_VERSION}")
    return Manifest(
        identity=NetworkIdentity(**content["identity"]),
        precision=content["precision"],
        image_keys=tuple(content["image_keys"]),
        dim=content["dim"],
        checksum=content["checksum"],
    )


class VectorJournal:
    """The vectors of an unfinished run, appended one by one, so that the next run need not make them again.

    A record is a key of 64 characters, a vector and a checksum; a torn or damaged record ends the journal.
    """

    def __init__(self, folder: Path, identity: NetworkIdentity, dim: int) -> None:
        tag = f"{zlib.crc32(repr(identity).encode()):08x}"
        self._path = folder / f"journal-{tag}.bin"
        self._record = np.dtype([("key", "S64"), ("vector", "<f4", (dim,)), ("checksum", "<u4")])

    def read(self) -> dict[str, NDArray[np.float32]]:
        """The vectors that the unfinished run made, by image key."""
        if not self._path.is_file():
            return {}
        content = self._path.read_bytes()
        records = np.frombuffer(content, self._record, count=len(content) // self._record.itemsize)
        return {record["key"].decode(): record["vector"] for record in _intact(records)}

    def append(self, image_key: str, vector: NDArray[np.float32]) -> None:
        """Add one vector; it is the operating system's when this returns."""
        record = np.zeros((), self._record)
        record["key"], record["vector"] = image_key.encode(), vector
        record["checksum"] = _checksum(record)
        with self._path.open("ab") as file:
            file.write(record.tobytes())

    def restart(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        """Begin again with these vectors only, so that nothing is appended behind a torn record."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        for image_key, vector in vectors.items():
            self.append(image_key, vector)

    def delete(self) -> None:
        """Remove the journal of a finished run, and those of other networks' unfinished ones."""
        for path in self._path.parent.glob("journal-*.bin"):
            path.unlink(missing_ok=True)


def _intact(records: NDArray[Any]) -> Iterator[Any]:
    for record in records:
        if record["checksum"] != _checksum(record):
            return
        yield record


def _checksum(record: Any) -> int:
    return zlib.crc32(record["vector"].tobytes(), zlib.crc32(bytes(record["key"])))
