"""Exact top-5 of a catalogue: our index against faiss and scikit-learn."""

from collections.abc import Generator, Iterator

import faiss
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics.pairwise import cosine_similarity

from benchmarks.timing import Verdict, at_least, medians
from recsys.demo import STUDY_SIZE
from recsys.search.index import CosineIndex

NUM_PRODUCTS = STUDY_SIZE
NUM_ROUNDS = 200


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    by_faiss, _ = yield from _compare(1280)
    yield at_least(1).line("search of 5,256 x 1,280 against faiss IndexFlatIP", by_faiss)
    by_faiss, by_sklearn = yield from _compare(2048)
    yield at_least(1.2).line("search of 5,256 x 2,048 against faiss IndexFlatIP", by_faiss)
    yield at_least(10).line("search of 5,256 x 2,048 against scikit-learn cosine_similarity", by_sklearn)


def unit_vectors(count: int, dim: int) -> NDArray[np.float32]:
    """Random unit vectors (count, dim)."""
    matrix = np.random.default_rng(0).standard_normal(size=(count, dim), dtype=np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix


def _compare(dim: int) -> Generator[str, None, tuple[float, float]]:
    """Yield a line; return how many times faster the index is than faiss and scikit-learn."""
    matrix = unit_vectors(NUM_PRODUCTS, dim)
    query = matrix[17] + 0.01 * matrix[18]
    query /= np.linalg.norm(query)
    ours = CosineIndex(matrix)
    theirs = faiss.IndexFlatIP(dim)
    theirs.add(matrix)
    by_us, by_faiss, by_sklearn = medians(
        lambda: ours.top(query, 5),
        lambda: theirs.search(query[np.newaxis], 5),
        lambda: np.argsort(-cosine_similarity(query[np.newaxis], matrix)[0])[:5],
        rounds=NUM_ROUNDS,
    )
    if ours.top(query, 5).rows.tolist() != theirs.search(query[np.newaxis], 5)[1][0].tolist():
        raise RuntimeError("Expected the same five rows from both indexes, got others: one of them is wrong.")
    yield (
        f"search of {NUM_PRODUCTS:,} x {dim:,}: {by_us * 1000:.2f} ms, faiss IndexFlatIP {by_faiss * 1000:.2f} ms, "
        f"scikit-learn {by_sklearn * 1000:.1f} ms"
    )
    return by_faiss / by_us, by_sklearn / by_us
