"""The print of a whole catalogue: finds the packshots with keypoints like a photo's, without comparing each.

An inverted file over the keypoints of all packshots (Jégou, Douze and Schmid 2011, doi:10.1109/TPAMI.2010.57), each
stored in 40 bytes: 32 for its product-quantized descriptor and 8 for its picture. It needs no network. It is mapped, so
that no process has its own copy.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.features.describing import DESCRIPTION_RECIPE
from embeddings.files import file_checksum
from embeddings.imaging.local_features import LocalFeatures, unit_descriptors
from embeddings.parallel import CORES, on_all_cores
from recsys.catalogue.products import Catalogue

FORMAT = 2
NEIGHBOURS = 40


@dataclass(frozen=True)
class PrintManifest:
    """The content of a stored index: its picture i is `image_keys[i]`; its lists were made for a number of pictures.

    `recall` is the share of exact search's results that it finds; None if that was not measured.
    """

    image_keys: tuple[str, ...]
    num_trained: int
    file: str
    checksum: int
    recipe: str = DESCRIPTION_RECIPE
    format: int = FORMAT
    recall: float | None = None


@dataclass(frozen=True)
class PrintPart:
    """One catalogue's keypoints: a faiss index, and the picture number of each product: (rows,)."""

    index: faiss.Index
    pictures: NDArray[np.int64]
    num_pictures: int


class PrintIndex:
    """The keypoints of a gallery's packshots, of one catalogue or several. Safe to share between threads."""

    def __init__(self, parts: Sequence[PrintPart]) -> None:
        self._parts = tuple(parts)
        self._firsts = np.cumsum([0, *(part.num_pictures for part in parts)])
        self._pictures = np.concatenate(
            [part.pictures + first for part, first in zip(parts, self._firsts, strict=False)]
        )  # (n,)

    def __len__(self) -> int:
        return len(self._pictures)

    def votes(self, photo: LocalFeatures) -> NDArray[np.float32]:
        """The votes of a photo's keypoints for each row of the gallery: (n,), not negative.

        A keypoint votes once for each picture among its nearest neighbours, by how much nearer it is than the last of
        them: print shared by many packs is equally near to all and counts little, print that distinguishes a variant
        counts a lot (McCann and Lowe 2012, doi:10.1109/CVPR.2012.6248111).
        """
        if not len(photo):
            return np.zeros(len(self), np.float32)
        parts = np.array_split(unit_descriptors(photo.descriptors), min(CORES, len(photo)))
        found = on_all_cores(self._nearest, parts)
        distances, pictures = (np.concatenate(values) for values in zip(*found, strict=True))  # (keypoints, neighbours)
        of_rows: NDArray[np.float32] = votes_of(distances, pictures, int(self._firsts[-1]))[self._pictures]
        return of_rows

    def _nearest(self, descriptors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The distances of each keypoint's nearest neighbours, in order, and the pictures they belong to."""
        faiss.omp_set_num_threads(1)  # of this thread: OpenMP's threads spin while waiting for each other
        found = [part.index.search(descriptors, min(NEIGHBOURS, max(1, part.index.ntotal))) for part in self._parts]
        squared = np.concatenate([distances for distances, _ in found], axis=1)
        pictures = np.concatenate([rows + first for (_, rows), first in zip(found, self._firsts, strict=False)], axis=1)
        missing = np.concatenate([rows < 0 for _, rows in found], axis=1)
        furthest = np.where(missing, -1, squared).max(axis=1, keepdims=True)
        squared, pictures = np.where(missing, furthest, squared), np.where(missing, 0, pictures)
        if len(found) > 1:
            order = np.argsort(squared, axis=1, kind="stable")[:, :NEIGHBOURS]
            squared, pictures = (np.take_along_axis(values, order, axis=1) for values in (squared, pictures))
        return np.sqrt(np.maximum(squared, 0)), pictures


def votes_of(distances: NDArray[np.float32], pictures: NDArray[np.int64], num_pictures: int) -> NDArray[np.float32]:
    """The votes for each picture, (num_pictures,), of keypoints' neighbours in order: (keypoints, neighbours)."""
    worth = distances[:, -1:] - distances
    keypoints = np.arange(len(distances))[:, np.newaxis]
    _, nearest = np.unique(keypoints * num_pictures + pictures, return_index=True)  # the first is the nearest
    votes = np.bincount(pictures.ravel()[nearest], worth.ravel()[nearest], num_pictures)
    return votes.astype(np.float32)


def print_folder(cache: Path) -> Path:
    """The folder of a data home's print index, the same for every backbone."""
    return cache / "print"


def print_manifest_path(cache: Path) -> Path:
    """The file that describes the print index's content, replaced whenever that changes."""
    return print_folder(cache) / "manifest.json"


def kept_print(cache: Path, catalogue: Catalogue) -> PrintPart | None:
    """Read the print index of a data home, row i being the catalogue's product i.

    None if it is missing, damaged, made of other keypoints, or lacks a picture of the catalogue: `embed` builds it.
    """
    manifest = read_manifest(cache)
    if manifest is None or not catalogue.products:
        return None
    numbers = {key: number for number, key in enumerate(manifest.image_keys)}
    pictures = np.array([numbers.get(key, -1) for key in catalogue.image_keys], np.int64)
    index = read_index(cache, manifest) if pictures.min() >= 0 else None
    return PrintPart(index, pictures, len(manifest.image_keys)) if index is not None else None


def read_manifest(cache: Path) -> PrintManifest | None:
    """Read the stored index's manifest; None if there is none, or if its keypoints are of another kind."""
    try:
        stored = json.loads(print_manifest_path(cache).read_bytes())
        manifest = PrintManifest(**stored | {"image_keys": tuple(stored["image_keys"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return manifest if (manifest.recipe, manifest.format) == (DESCRIPTION_RECIPE, FORMAT) else None


def read_index(cache: Path, manifest: PrintManifest) -> Any:
    """Read the index itself, with its lists mapped; None if it is lost or damaged."""
    path = print_folder(cache) / manifest.file
    try:
        return mapped_index(path) if file_checksum(path) == manifest.checksum else None
    except (OSError, RuntimeError):
        return None


def mapped_index(path: Path) -> Any:
    """Read an index whose lists follow it in the same file, which all processes map."""
    index: Any = faiss.read_index(str(path), faiss.IO_FLAG_READ_ONLY | faiss.IO_FLAG_SKIP_IVF_DATA)
    lists: Any = faiss.downcast_InvertedLists(index.invlists)
    lists.filename, lists.prefetch_nthread = str(path), 0  # faiss would start threads only to touch mapped pages
    lists.do_mmap()
    return index


def manifest_json(manifest: PrintManifest) -> bytes:
    """The manifest as JSON."""
    return json.dumps(asdict(manifest)).encode()
