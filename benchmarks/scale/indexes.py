"""What replaces exact search in a large shared catalogue: its store's index, in a folder.

Queries are the vectors of the demo's query photos. The vectors searched are the demo's own 5,256 and points between one
of them and one of its nearest neighbours: made up, but in realistic places. Both are reduced as for the refined
ranking's 64 candidates.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.scale.processes import anonymous_megabytes, in_new_process
from benchmarks.timing import cpu_seconds, seconds
from embeddings.features.lance_store import LanceStore
from embeddings.features.reduction import learned_reduction
from embeddings.imaging.photos import read_photo
from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.compiled import NetworkIdentity
from embeddings.parallel import keep_numpy_to_one_core
from recsys.demo.growth import demo_folder
from recsys.evaluation.labelled_photos import read_queries
from recsys.search.index import CosineIndex, PickedIndex
from recsys.search.kept_vectors import fitting_vectors
from recsys.search.recommender import Recommender
from recsys.search.refined.refined_index import NUM_CANDIDATES
from recsys.settings import load_settings

SIZES = (200_000, 1_000_000)
NUM_QUERIES, NEIGHBOURS = 200, 10
SHARES_ALLOWED = (0.97, 0.5, 0.1)  # at random
MORE, AT_ONCE, BLOCK_ROWS = 1_000, 4_096, 100_000
IDENTITY = NetworkIdentity("of the benchmark", "00" * 32, "none")
MEGABYTE = 1e6
Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]


def run() -> Iterator[str]:
    """Yield the lines of the report. Raises CatalogueError if the home (RECSYS_HOME) has no demo shop."""
    vectors, photos, categories = in_new_process(_demo)
    for size in SIZES:
        with TemporaryDirectory() as folder:
            np.save(Path(folder) / "photos.npy", photos)
            in_new_process(partial(_write_between, vectors, categories, size + MORE, Path(folder)))
            yield from in_new_process(partial(_built, Path(folder), size))
            yield from in_new_process(partial(_asked, Path(folder), size))


def _demo() -> tuple[Vectors, Vectors, Numbers]:
    """The demo's vectors and those of its query photos, reduced, (n, 256) and (queries, 256); categories, (n,)."""
    settings = load_settings()
    recommender = Recommender(settings)
    identity = recommender.networks.identity(BUNDLED_CHOICE)
    matrix = fitting_vectors(settings.cache, BUNDLED_CHOICE, recommender.catalogue, identity)
    reduction = learned_reduction(matrix, np.arange(len(matrix)))
    queries = read_queries(demo_folder(settings.cache) / "queries.csv")[:NUM_QUERIES]
    photos = [recommender.encode(read_photo(query.photo), BUNDLED_CHOICE).vector for query in queries]
    categories = np.unique([product.category for product in recommender.catalogue.products], return_inverse=True)[1]
    return reduction.reduced(matrix), reduction.reduced(np.array(photos)), categories


def _write_between(vectors: Vectors, categories: Numbers, size: int, folder: Path) -> None:
    """Write the vectors (n, dim), and points between one of them and one of its nearest neighbours: (size, dim)."""
    rows = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, (size, vectors.shape[1]))
    rows[: len(vectors)], of_rows = vectors, np.zeros(size, np.int64)
    of_rows[: len(vectors)] = categories
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(vectors)
    nearest = exact.search(vectors, NEIGHBOURS + 1)[1][:, 1:]
    chance = np.random.default_rng(0)
    for start in range(len(vectors), size, BLOCK_ROWS):
        part = rows[start : start + BLOCK_ROWS]
        ones = chance.integers(len(vectors), size=len(part))
        of_rows[start : start + len(part)] = categories[ones]
        others = nearest[ones, chance.integers(NEIGHBOURS, size=len(part))]
        steps = chance.uniform(0, 1, size=(len(part), 1)).astype(np.float32)
        # Add what distinguishes pictures in directions that neighbours do not share: otherwise all points would lie on
        # few lines.
        noise = chance.normal(scale=0.3 / np.sqrt(vectors.shape[1]), size=part.shape).astype(np.float32)
        part[:] = vectors[ones] + steps * (vectors[others] - vectors[ones]) + noise
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    np.save(folder / "categories.npy", of_rows)


def _store(folder: Path, machine: str, dim: int) -> LanceStore:
    kind = np.dtype([("key", "S64"), ("vector", "<f4", (dim,))])
    return LanceStore(str(folder / "shared"), folder / machine, kind, fresh_seconds=0, most_exact=0)


def _keys(first: int, last: int) -> list[str]:
    return [f"{row:064x}" for row in range(first, last)]


def _built(folder: Path, size: int) -> list[str]:
    """The cost of writing this many rows, of publishing them with an index, and of some more."""
    rows = np.load(folder / "vectors.npy", mmap_mode="r")
    store, before = _store(folder, "builder", rows.shape[1]), anonymous_megabytes()

    def write(first: int, last: int) -> None:
        for start in range(first, last, AT_ONCE):
            records = np.zeros(min(AT_ONCE, last - start), store.dtype)
            records["key"], records["vector"] = _keys(start, start + len(records)), rows[start : start + len(records)]
            store.write(IDENTITY, "f32", records)

    parts = [
        _timed("write", partial(write, 0, size)),
        _timed("what is kept", partial(store.kept, IDENTITY)),
        _timed("publish, with the index", partial(store.publish, IDENTITY, _keys(0, size))),
        _timed("what is kept, again", partial(store.kept, IDENTITY)),
    ]
    megabytes = {name: _megabytes(folder / "shared" / name) for name in ("rows.lance", "index")}
    recall = store.version().recall
    write(size, size + MORE)
    parts.append(_timed(f"publish {MORE:,} more", partial(store.publish, IDENTITY, _keys(0, size + MORE))))
    return [
        f"{size:>9,} x {rows.shape[1]}: " + ", ".join(parts),
        f"{'':9} rows {megabytes['rows.lance']:,.0f} MB, index and vectors {megabytes['index']:,.0f} MB; recall@64 "
        f"of rows {recall:.3f}, then {store.version().recall:.3f}; at most "
        f"{anonymous_megabytes(peak=True) - before:,.0f} MB of memory",
    ]


def _asked(folder: Path, size: int) -> list[str]:
    """The cost of a search in another process, on another machine, and what it finds."""
    keep_numpy_to_one_core()
    photos = np.load(folder / "photos.npy")
    dim = photos.shape[1]
    store, before = _store(folder, "reader", dim), anonymous_megabytes()
    version = store.version()
    named = anonymous_megabytes()
    nearest = store.index(version)
    assert nearest is not None
    index = PickedIndex(nearest, version.image_keys)
    opened = anonymous_megabytes()
    exact = CosineIndex(np.load(folder / "vectors.npy", mmap_mode="r"))
    lines = [f"{'':9} opened: keys {named - before:,.0f} MB, index {opened - named:,.0f} MB of memory"]
    for name, allowed in (filters := _filters(np.load(folder / "categories.npy"))).items():
        ask = partial(index.top, k=NUM_CANDIDATES, allowed=allowed)
        found = [ask(photo).rows for photo in photos]
        took = sorted(seconds(partial(ask, photo)) for photo in photos)
        worked = median(cpu_seconds(partial(ask, photo)) for photo in photos)
        wanted = [exact.top(photo, NUM_CANDIDATES, allowed=allowed).rows for photo in photos]
        whole = median(cpu_seconds(partial(exact.top, photo, NUM_CANDIDATES, allowed=allowed)) for photo in photos[:20])
        recall = np.mean([np.isin(*pair).mean() for pair in zip(wanted, found, strict=True)])
        lines.append(
            f"{'':9} {name}: half within {1000 * median(took):.1f} ms, 95% within "
            f"{1000 * took[int(0.95 * len(took))]:.1f} ms, {1000 * worked:.1f} ms of CPU (exact {1000 * whole:.1f}), "
            f"recall@{NUM_CANDIDATES} of photos {recall:.3f}"
        )
    count = 2 * len(filters) * len(photos)
    return [*lines, f"{'':9} after {count:,} searches {anonymous_megabytes() - opened:,.0f} MB more"]


def _filters(categories: Numbers) -> dict[str, NDArray[np.bool_] | None]:
    """Which rows are allowed, by name; None means all."""
    chance = np.random.default_rng(0)
    shares = {f"{share:.0%} allowed": chance.random(len(categories)) < share for share in SHARES_ALLOWED}
    return {"all": None, **shares, "the largest category": categories == np.bincount(categories).argmax()}


def _timed(what: str, work: Callable[[], object]) -> str:
    started, cpu = perf_counter(), process_time()
    work()
    return f"{what} {process_time() - cpu:.1f} s of CPU ({perf_counter() - started:.0f} s)"


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MEGABYTE
