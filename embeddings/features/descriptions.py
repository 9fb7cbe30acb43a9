"""What the refined ranking keeps of every packshot: its patches and its local features, in one file of records.

The file is only ever appended to. A record is complete when its checksum fits, and says itself which
picture it is of, so that an interrupted run is continued by the next, and nothing half-written is read.
"""

import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.imaging.local_features import DIM, LocalFeatures
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Description

MAX_KEYPOINTS = 256  # of a packshot
_LARGEST = 127  # of a patch's numbers, as they are kept

Records = NDArray[Any]  # (n,) of `record_type`


@dataclass(frozen=True)
class Patches:
    """The patches of n pictures: `directions` (n, p, d) float32 of length 1, `weights` (n, p), a picture's sum 1."""

    directions: NDArray[np.float32]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.directions)


def patches_of(maps: NDArray[np.float32]) -> Patches:
    """Split feature maps (n, p, d) into directions and weights: a patch weighs as much as it is long."""
    return Patches(unit(maps), weights_of(np.linalg.norm(maps, axis=-1)))


def weights_of(lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """What patches of these lengths (n, p) weigh: those of a picture add up to one."""
    weights: NDArray[np.float32] = lengths / np.maximum(lengths.sum(axis=1, keepdims=True), np.float32(1e-9))
    return weights


def record_type(backbone: Backbone) -> np.dtype[Any]:
    """How a packshot's description lies on disk; patches, if any, and local features take less than 64 KiB."""
    return np.dtype(
        [
            ("key", "S64"),
            ("vector", "<f4", (backbone.dim,)),
            ("patches", "i1", (backbone.num_patches, backbone.patch_dim)),
            ("scales", "<f4", (backbone.num_patches,)),
            ("num_points", "<u2"),
            ("points", "<f2", (MAX_KEYPOINTS, 2)),
            ("descriptors", "u1", (MAX_KEYPOINTS, DIM)),
            ("checksum", "<u4"),
        ]
    )


def packed(backbone: Backbone, image_key: str, description: Description, features: LocalFeatures) -> Records:
    """One record (): the description of the packshot `image_key`."""
    record = np.zeros((), record_type(backbone))
    scales = np.maximum(np.abs(description.patches).max(axis=-1, initial=0), 1e-9) / _LARGEST  # (p,)
    count = min(len(features), MAX_KEYPOINTS)
    record["key"], record["vector"] = image_key.encode(), description.vector
    record["patches"], record["scales"] = np.round(description.patches / scales[:, np.newaxis]), scales
    record["num_points"] = count
    record["points"][:count] = features.points[:count]
    record["descriptors"][:count] = features.descriptors[:count]
    record["checksum"] = _checksum(record)
    return record


def patches_in(records: Records) -> Patches:
    """The patches of records (n,)."""
    return patches_of(records["patches"].astype(np.float32) * records["scales"][..., np.newaxis])


def features_in(record: Records) -> LocalFeatures:
    """The local features of one record."""
    count = int(record["num_points"])
    return LocalFeatures(record["points"][:count].astype(np.float32), record["descriptors"][:count])


class DescriptionFile:
    """The records of a catalogue's packshots, memory-mapped; where each picture's record is, is found by its key."""

    def __init__(self, path: Path, backbone: Backbone) -> None:
        """Open the file as it is now; a file that is not there has no records."""
        self.backbone = backbone
        self._path = path
        self._type = record_type(backbone)
        size = path.stat().st_size if path.is_file() else 0
        count = size // self._type.itemsize
        self._records: Records = np.memmap(path, self._type, "r", shape=count) if count else np.empty(0, self._type)
        self._is_sound = np.zeros(count, np.bool_)  # which records were read before, and found undamaged

    @cached_property
    def _places(self) -> dict[bytes, int]:
        if not len(self):
            return {}
        width = self._type["key"].itemsize
        with self._path.open("rb") as file:  # mapped, every page of the file would come into memory for its keys
            keys = [os.pread(file.fileno(), width, place * self._type.itemsize) for place in range(len(self))]
        return {key.rstrip(b"\0"): place for place, key in enumerate(keys)}

    def __len__(self) -> int:
        return len(self._records)

    @property
    def dtype(self) -> np.dtype[Any]:
        """How a record lies on disk."""
        return self._type

    def places(self, image_keys: Sequence[str]) -> NDArray[np.int64]:
        """Where the records of these pictures are: (n,). Raises VectorsError when one is missing."""
        places = np.array([self._places.get(key.encode(), -1) for key in image_keys], np.int64)
        if (places < 0).any():
            raise VectorsError("some pictures ({count}) are not described", count=int((places < 0).sum()))
        return places

    def read(self, places: NDArray[np.int64]) -> Records:
        """The records at `places`: (n,). Raises VectorsError when one is found damaged, the first time."""
        records: Records = np.asarray(self._records[places])
        for record in records[~self._is_sound[places]]:
            if record["checksum"] != _checksum(record):
                raise VectorsError(
                    "a description in {path} is damaged: delete that file and embed again", path=self._path
                )
        self._is_sound[places] = True
        return records

    def keys(self) -> list[str]:
        """The keys of the described pictures, in the file's order."""
        return [key.decode() for key in self._places]

    def vectors(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """The unit vectors of the records at `places`: (n, dim)."""
        return np.ascontiguousarray(self._records["vector"][places])

    def record(self, place: int) -> Records:
        """The record at `place`: (), whether it is damaged or not."""
        record: Records = self._records[place]
        return record

    def intact(self, image_keys: set[str]) -> list[int]:
        """Where the undamaged records of these pictures are, in order, one a picture; reads the whole file."""
        places = sorted(self._places[key.encode()] for key in image_keys if key.encode() in self._places)
        return [place for place in places if self._records[place]["checksum"] == _checksum(self._records[place])]


@contextmanager
def appending(path: Path, backbone: Backbone, keep: set[str]) -> Iterator[IO[bytes]]:
    """Open the file to append records to, by one process at a time.

    Records of pictures that are not in `keep`, and damaged ones, are dropped first when there are any.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        _swept(path, backbone, keep)
        with path.open("ab") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())


def _swept(path: Path, backbone: Backbone, keep: set[str]) -> None:
    kept = DescriptionFile(path, backbone)
    wanted = kept.intact(keep)
    itemsize = record_type(backbone).itemsize
    if path.is_file() and path.stat().st_size != len(wanted) * itemsize:
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            for place in wanted:
                file.write(kept.record(place).tobytes())
        part.replace(path)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors (..., d) scaled to length 1; none stays none."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-9))
    return scaled


def _checksum(record: Records) -> int:
    return zlib.crc32(record.tobytes()[:-4])
