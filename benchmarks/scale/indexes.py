"""What stands in for exact search where the catalogue is large: how soon it is built, how fast, and what it misses.

Queries are the vectors of the demo's query photos. The vectors searched are the demo's own 5,256 and, for more, points
between one of them and one of its nearest neighbours: made up, but they lie where real ones do. Both are reduced as the
refined ranking's candidates are, 64 of which it looks at.
"""

from collections.abc import Iterator
from functools import partial
from statistics import median
from time import process_time
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import cpu_seconds
from embeddings.features.reduction import learned_reduction
from embeddings.imaging.photos import read_photo
from embeddings.models.backbones import BUNDLED_CHOICE
from recsys.demo.growth import demo_folder
from recsys.evaluation.labelled_photos import read_queries
from recsys.search.kept_vectors import fitting_vectors
from recsys.search.recommender import Recommender
from recsys.search.refined.refined_index import NUM_CANDIDATES
from recsys.settings import load_settings

NUM_QUERIES = 200
NEIGHBOURS, TRAINED_BY = 10, 200_000
INDEXES = {
    5_256: {"Flat": [""], "IVF256,SQ8": ["nprobe=16", "nprobe=64"]},
    200_000: {
        "Flat": [""],
        "IVF2048,SQ8": ["nprobe=8", "nprobe=32", "nprobe=128"],
        "HNSW32,SQ8": ["efSearch=64", "efSearch=256"],
    },
    1_000_000: {"Flat": [""], "IVF4096,SQ8": ["nprobe=16", "nprobe=64", "nprobe=256"]},
}
MEGABYTE = 1e6
Vectors = NDArray[np.float32]


def run() -> Iterator[str]:
    """Yield the lines of the report. Raises CatalogueError where the home (RECSYS_HOME) has no demo shop."""
    vectors, photos = _demo()
    space: Any = faiss.ParameterSpace()
    for size, settings_by_index in INDEXES.items():
        rows = vectors if size == len(vectors) else _between(vectors, size)
        wanted = _found(_built("Flat", rows), photos)
        for factory, settings in settings_by_index.items():
            started = process_time()
            index = _built(factory, rows)
            built, megabytes = process_time() - started, len(faiss.serialize_index(index)) / MEGABYTE
            yield f"{size:>9,} x {rows.shape[1]}, {factory}: built in {built:.1f} s of CPU, {megabytes:,.0f} MB"
            for setting in settings:
                space.set_index_parameters(index, setting)
                taken = median(cpu_seconds(partial(index.search, photo, NUM_CANDIDATES)) for photo in photos[:, None])
                recall = np.mean([np.isin(*pair).mean() for pair in zip(wanted, _found(index, photos), strict=True)])
                yield f"{'':11}{setting:12} {taken * 1000:8.2f} ms of CPU a query, recall@{NUM_CANDIDATES} {recall:.3f}"


def _demo() -> tuple[Vectors, Vectors]:
    """The demo's vectors and those of its query photos, reduced: (n, 256) and (queries, 256)."""
    settings = load_settings()
    recommender = Recommender(settings)
    identity = recommender.networks.identity(BUNDLED_CHOICE)
    matrix = fitting_vectors(settings.cache, BUNDLED_CHOICE, recommender.catalogue, identity)
    reduction = learned_reduction(matrix, np.arange(len(matrix)))
    queries = read_queries(demo_folder(settings.cache) / "queries.csv")[:NUM_QUERIES]
    photos = [recommender.encode(read_photo(query.photo), BUNDLED_CHOICE).vector for query in queries]
    return reduction.reduced(matrix), reduction.reduced(np.array(photos))


def _between(vectors: Vectors, size: int) -> Vectors:
    """The vectors (n, dim), and points between one of them and one of its nearest neighbours: (size, dim)."""
    nearest = _found(_built("Flat", vectors), vectors, NEIGHBOURS + 1)[:, 1:]
    chance = np.random.default_rng(0)
    ones = chance.integers(len(vectors), size=size - len(vectors))
    others = nearest[ones, chance.integers(NEIGHBOURS, size=len(ones))]
    steps = chance.uniform(0, 1, size=(len(ones), 1)).astype(np.float32)
    between = vectors[ones] + steps * (vectors[others] - vectors[ones])
    # What tells pictures apart in no direction that neighbours share: else all points would lie on a few lines.
    between += chance.normal(scale=0.3 / np.sqrt(vectors.shape[1]), size=between.shape).astype(np.float32)
    return np.concatenate([vectors, between / np.linalg.norm(between, axis=1, keepdims=True)])


def _built(factory: str, rows: Vectors) -> faiss.Index:
    index = faiss.index_factory(rows.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    index.train(rows[:: -(-len(rows) // TRAINED_BY)])
    index.add(rows)
    return index


def _found(index: faiss.Index, queries: Vectors, count: int = NUM_CANDIDATES) -> NDArray[np.int64]:
    rows: NDArray[np.int64] = index.search(queries, count)[1]
    return rows
