"""Exact top-5 of a catalogue: our index against faiss and scikit-learn."""

from collections.abc import Iterator

import faiss
import numpy as np
from sklearn.metrics.pairwise import cosine_similarity

from benchmarks.timing import at_least, medians
from recsys.index import CosineIndex

NUM_PRODUCTS = 5256
DIM = 1280
NUM_ROUNDS = 200


def run() -> Iterator[str]:
    """Yield the lines of the report."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(NUM_PRODUCTS, DIM)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    query = matrix[17] + 0.01 * matrix[18]
    query /= np.linalg.norm(query)
    ours = CosineIndex(matrix)
    theirs = faiss.IndexFlatIP(DIM)
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
        f"search of {NUM_PRODUCTS:,} x {DIM:,}: {by_us * 1000:.2f} ms, faiss IndexFlatIP {by_faiss * 1000:.2f} ms, "
        f"scikit-learn {by_sklearn * 1000:.1f} ms"
    )
    yield at_least(1).line("search against faiss IndexFlatIP", by_faiss / by_us)
