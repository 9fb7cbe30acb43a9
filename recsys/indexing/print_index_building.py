"""Building the print index from the catalogue's descriptions, or extending it with new ones."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import faiss
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from embeddings.features.descriptions import MAX_KEYPOINTS, features_in
from embeddings.features.store import Rows
from embeddings.files import atomic_write
from embeddings.imaging.local_features import DIM, LocalFeatures, unit_descriptors
from recsys.catalogue.products import Catalogue
from recsys.indexing.print_file import NewKeypoints, write_print
from recsys.search.refined.kept_descriptions import Descriptions
from recsys.search.refined.print_index import (
    NEIGHBOURS,
    PrintIndex,
    PrintManifest,
    PrintPart,
    manifest_json,
    mapped_index,
    print_folder,
    print_manifest_path,
    read_index,
    read_manifest,
    votes_of,
)

_PER_LIST, _MOST_LISTS, PROBED = 1200, 65_536, 8
_MOST_COMPARED = 4096  # lists compared one by one; if there are more, a graph finds them
_ROUNDS = 10  # of k-means
_NUM_CENTROIDS = 16  # of a 4-bit product quantizer, which needs at least as many keypoints
_SAMPLE_KEYPOINTS, _SAMPLE_PICTURES, _PICTURES_A_SAMPLE = 65_536, 1024, 100
_PER_TRAINED_LIST = 16
_AT_ONCE = 256  # pictures
_NUM_ASKED, _KEYPOINTS_ASKED = 16, 64  # pictures whose votes measure an index's recall, and keypoints of each
_FIRST, _PICKED = 5, 40  # the pictures with most votes by exact search, and those selected by an index
_OUTGROWN = 4  # rebuild at this many times the pictures that the lists were made for
_MOST_GONE = 0.2  # rebuild if this share of the pictures has left the catalogue


def index_print(catalogue: Catalogue, cache: Path, descriptions: Descriptions) -> int:
    """Bring the data home's print index up to date with the catalogue; return how many pictures were added.

    The `descriptions` may be any backbone's: their keypoints are the same. An existing index is extended if it is
    intact, not outgrown, and most of its pictures are still in the catalogue; otherwise it is rebuilt. If the
    descriptions are searched by a store's index, the recall of a new print index is measured. Raises VectorsError if a
    description is damaged.
    """
    rows: dict[str, int] = {}
    for row, key in enumerate(catalogue.image_keys):
        rows.setdefault(key, row)  # products may share a picture
    faiss.omp_set_num_threads(1)  # of this thread: visitors' searches go first
    print_folder(cache).mkdir(parents=True, exist_ok=True)
    with FileLock(print_folder(cache) / "lock"):
        kept = _extendable(cache, rows.keys(), is_measured=descriptions.nearest is not None)
        known = set(kept[0].image_keys if kept else ())
        missing = [key for key in rows if key not in known]
        if not missing:
            return 0
        places = np.array([rows[key] for key in missing], np.int64)
        manifest, index = kept or (PrintManifest((), len(rows), "", 0), _trained(descriptions, places))
        exact = None if kept or descriptions.nearest is None else _ExactVotes(descriptions, places)
        with NewKeypoints(index, print_folder(cache), len(missing) * MAX_KEYPOINTS) as new:
            for descriptors, numbers in _numbered(descriptions, places, len(manifest.image_keys)):
                new.add(unit_descriptors(descriptors), numbers)
                if exact is not None:
                    exact.add(unit_descriptors(descriptors), numbers)
            _keep(cache, replace(manifest, image_keys=(*manifest.image_keys, *missing)), index, new, exact)
    return len(missing)


class _ExactVotes:
    """The votes of some pictures' keypoints, by comparison with all keypoints added."""

    def __init__(self, descriptions: Descriptions, rows: Rows) -> None:
        asked = rows[np.linspace(0, len(rows) - 1, min(_NUM_ASKED, len(rows))).astype(np.int64)]
        found = [features_in(record) for record in descriptions.read(asked)]
        self._asked = [
            LocalFeatures(one.points[:_KEYPOINTS_ASKED], one.descriptors[:_KEYPOINTS_ASKED])
            for one in found
            if len(one)
        ]
        self._queries = np.concatenate(
            [np.empty((0, DIM), np.float32), *(unit_descriptors(one.descriptors) for one in self._asked)]
        )
        shape = (len(self._queries), NEIGHBOURS)
        self._squared, self._pictures = np.full(shape, np.inf, np.float32), np.zeros(shape, np.int64)

    def add(self, descriptors: NDArray[np.float32], pictures: Rows) -> None:
        """Compare further keypoints, (n, 128), of these pictures, (n,)."""
        if not len(self._queries) or not len(descriptors):
            return
        squared, places = faiss.knn(self._queries, descriptors, min(NEIGHBOURS, len(descriptors)))
        squared = np.concatenate([self._squared, squared], axis=1)
        pictures = np.concatenate([self._pictures, pictures[places]], axis=1)
        order = np.argsort(squared, axis=1, kind="stable")[:, :NEIGHBOURS]
        self._squared, self._pictures = (np.take_along_axis(values, order, axis=1) for values in (squared, pictures))

    def recall(self, index: faiss.Index, num_pictures: int) -> float:
        """The share of the first pictures by these votes that an index's votes select."""
        votes = PrintIndex([PrintPart(index, np.arange(num_pictures), num_pictures)]).votes
        found, start = [], 0
        for photo in self._asked:
            end = start + len(photo)
            distances = np.sqrt(np.maximum(self._squared[start:end], 0))
            wanted = _most(votes_of(distances, self._pictures[start:end], num_pictures), _FIRST)
            found.append(np.isin(wanted, _most(votes(photo), _PICKED)).mean())
            start = end
        return float(np.mean(found)) if found else 1.0


def _most(votes: NDArray[np.float32], count: int) -> Rows:
    """The pictures with most votes, if they have any."""
    voted = np.flatnonzero(votes)
    return voted[np.argsort(-votes[voted], kind="stable")[:count]]


def _extendable(cache: Path, wanted: Collection[str], *, is_measured: bool) -> tuple[PrintManifest, Any] | None:
    """The existing index, if it can be extended."""
    kept = read_manifest(cache)
    if kept is None or len(wanted) > _OUTGROWN * kept.num_trained or is_measured != (kept.recall is not None):
        return None
    gone = sum(key not in wanted for key in kept.image_keys)
    index = read_index(cache, kept) if gone <= _MOST_GONE * len(kept.image_keys) else None
    return (kept, index) if index is not None else None


def _trained(descriptions: Descriptions, rows: Rows) -> Any:
    """An empty index whose lists fit the catalogue's keypoints."""
    pictures = rows[:: -(-len(rows) // max(_SAMPLE_PICTURES, len(rows) // _PICTURES_A_SAMPLE))]
    keypoints = np.concatenate([descriptors for descriptors, _ in _numbered(descriptions, pictures, 0)])
    return trained_index(keypoints, len(keypoints) * len(rows) / len(pictures))


def trained_index(keypoints: NDArray[np.uint8], num_expected: float) -> Any:
    """An empty index for this many keypoints, (n, 128), the same each time; with one list if there are few."""
    num_lists = num_lists_for(num_expected)
    enough = np.resize(keypoints, (max(len(keypoints), _NUM_CENTROIDS), DIM))
    sample = unit_descriptors(enough[:: -(-len(enough) // max(_SAMPLE_KEYPOINTS, _PER_TRAINED_LIST * num_lists))])
    if num_lists <= _MOST_COMPARED:
        index: Any = faiss.index_factory(DIM, f"IVF{num_lists},PQ64x4fs")
    else:
        centroids = _centroids_in_two_steps(sample, num_lists)
        index = faiss.index_factory(DIM, f"IVF{len(centroids)}_HNSW32,PQ64x4fs")
        index.quantizer.add(centroids)
    index.cp.min_points_per_centroid = index.pq.cp.min_points_per_centroid = 1  # allow a small catalogue
    index.train(sample)
    index.nprobe = PROBED
    return index


def _centroids_in_two_steps(sample: NDArray[np.float32], num_lists: int) -> NDArray[np.float32]:
    """About this many centroids, from clusters of clusters: comparing all keypoints with all would take hours."""

    def clusters(keypoints: NDArray[np.float32], count: int) -> Any:
        found = faiss.Kmeans(DIM, count, niter=_ROUNDS, min_points_per_centroid=1)
        found.train(keypoints)
        return found

    coarse = clusters(sample, round(num_lists**0.5))
    cluster_of = coarse.assign(sample)[1]
    parts = [sample[cluster_of == number] for number in range(coarse.k)]
    shares = [round(len(part) * num_lists / len(sample)) for part in parts]
    return np.concatenate([clusters(part, share).centroids for part, share in zip(parts, shares, strict=True) if share])


def num_lists_for(num_keypoints: float) -> int:
    """The number of lists of an index with this many keypoints."""
    return int(np.clip(num_keypoints / _PER_LIST, 1, _MOST_LISTS))


def _numbered(descriptions: Descriptions, rows: Rows, first: int) -> Iterator[tuple[NDArray[np.uint8], Rows]]:
    """Yield the descriptors of the products `rows`, in blocks, and their pictures' numbers, from `first` on."""
    for start in range(0, len(rows), _AT_ONCE):
        features = [features_in(record) for record in descriptions.read(rows[start : start + _AT_ONCE])]
        numbers = np.arange(first + start, first + start + len(features))
        yield np.concatenate([one.descriptors for one in features]), np.repeat(numbers, [len(one) for one in features])


def _keep(cache: Path, manifest: PrintManifest, index: Any, new: NewKeypoints, exact: _ExactVotes | None) -> None:
    path = print_folder(cache) / f"print-{uuid4().hex[:8]}.faiss"
    with atomic_write(path) as file:
        checksum = write_print(index, new, file)
    recall = manifest.recall if exact is None else exact.recall(mapped_index(path), len(manifest.image_keys))
    with atomic_write(print_manifest_path(cache)) as file:
        file.write(manifest_json(replace(manifest, file=path.name, checksum=checksum, recall=recall)))
    for other in print_folder(cache).glob("print-*.faiss"):
        if other != path:
            other.unlink(missing_ok=True)
