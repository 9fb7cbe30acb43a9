"""Building the print index from the catalogue's descriptions, or adding to it what came since."""

import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from embeddings.features.descriptions import features_in
from embeddings.files import atomic_write
from embeddings.imaging.local_features import DIM, unit_descriptors
from recsys.catalogue.products import Catalogue
from recsys.search.refined.kept_descriptions import Descriptions
from recsys.search.refined.print_index import (
    PrintManifest,
    manifest_json,
    print_folder,
    print_manifest_path,
    read_index,
    read_manifest,
)

_PER_LIST, _MOST_LISTS, PROBED = 1200, 4096, 8
_NUM_CENTROIDS = 16  # of a product quantizer of 4 bits, which needs as many keypoints
_SAMPLE_KEYPOINTS, _SAMPLE_PICTURES = 65_536, 1024
_AT_ONCE = 256  # pictures
_OUTGROWN = 4  # times the pictures that the lists were made for: they are made anew
_MOST_GONE = 0.2  # so large a share of the pictures may have left the catalogue before the index is built anew

Rows = NDArray[np.int64]


def index_print(catalogue: Catalogue, cache: Path, descriptions: Descriptions) -> int:
    """Bring the data home's print index up to date with the catalogue; return how many pictures were added.

    Any backbone's `descriptions` do: their keypoints are the same. A kept index is added to where it is whole, not
    outgrown, and mostly of pictures that are still there; else it is built anew. Raises VectorsError when a
    description is damaged.
    """
    rows: dict[str, int] = {}
    for row, key in enumerate(catalogue.image_keys):
        rows.setdefault(key, row)  # products may share a picture
    faiss.omp_set_num_threads(1)  # of this thread: visitors' searches go first
    print_folder(cache).mkdir(parents=True, exist_ok=True)
    with FileLock(print_folder(cache) / "lock"):
        kept = _extendable(cache, rows.keys())
        known = set(kept[0].image_keys if kept else ())
        missing = [key for key in rows if key not in known]
        if not missing:
            return 0
        places = np.array([rows[key] for key in missing], np.int64)
        manifest, index = kept or (PrintManifest((), len(rows), "", 0), _trained(descriptions, places))
        for descriptors, numbers in _numbered(descriptions, places, len(manifest.image_keys)):
            index.add_with_ids(unit_descriptors(descriptors), numbers)
        _keep(cache, index, (*manifest.image_keys, *missing), manifest.num_trained)
    return len(missing)


def _extendable(cache: Path, wanted: Collection[str]) -> tuple[PrintManifest, faiss.Index] | None:
    """The kept index, where it can be added to."""
    kept = read_manifest(cache)
    if kept is None or len(wanted) > _OUTGROWN * kept.num_trained:
        return None
    gone = sum(key not in wanted for key in kept.image_keys)
    index = read_index(cache, kept) if gone <= _MOST_GONE * len(kept.image_keys) else None
    return (kept, index) if index is not None else None


def _trained(descriptions: Descriptions, rows: Rows) -> faiss.Index:
    """An empty index whose lists fit the catalogue's keypoints, the same each time; one list where there are few."""
    pictures = rows[:: -(-len(rows) // _SAMPLE_PICTURES)]
    blocks = list(_numbered(descriptions, pictures, 0))
    keypoints = np.concatenate([np.empty((0, DIM), np.uint8), *(descriptors for descriptors, _ in blocks)])
    if len(keypoints) < _NUM_CENTROIDS:
        return faiss.index_factory(DIM, "IDMap,Flat")
    num_lists = num_lists_for(len(keypoints) * len(rows) / len(pictures))
    index: Any = faiss.index_factory(DIM, f"IVF{num_lists},PQ64x4fs")
    index.cp.min_points_per_centroid = index.pq.cp.min_points_per_centroid = 1  # a small catalogue is no mistake
    index.train(unit_descriptors(keypoints[:: -(-len(keypoints) // _SAMPLE_KEYPOINTS)]))
    index.nprobe = PROBED
    trained: faiss.Index = index
    return trained


def num_lists_for(num_keypoints: float) -> int:
    """How many lists an index of so many keypoints has."""
    return int(np.clip(num_keypoints / _PER_LIST, 1, _MOST_LISTS))


def _numbered(descriptions: Descriptions, rows: Rows, first: int) -> Iterator[tuple[NDArray[np.uint8], Rows]]:
    """Yield the descriptors of the products `rows`, some products at a time, and each one's picture from `first` on."""
    for start in range(0, len(rows), _AT_ONCE):
        features = [features_in(record) for record in descriptions.read(rows[start : start + _AT_ONCE])]
        numbers = np.arange(first + start, first + start + len(features))
        yield np.concatenate([one.descriptors for one in features]), np.repeat(numbers, [len(one) for one in features])


def _keep(cache: Path, index: faiss.Index, image_keys: tuple[str, ...], num_trained: int) -> None:
    content = faiss.serialize_index(index).tobytes()
    checksum = zlib.crc32(content)
    name = f"print-{checksum:08x}.faiss"
    with atomic_write(print_folder(cache) / name) as file:
        file.write(content)
    with atomic_write(print_manifest_path(cache)) as file:
        file.write(manifest_json(PrintManifest(image_keys, num_trained, name, checksum)))
    for other in print_folder(cache).glob("print-*.faiss"):
        if other.name != name:
            other.unlink(missing_ok=True)
