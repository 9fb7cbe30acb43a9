"""Exact cosine top-k over a memory-mapped matrix of unit vectors."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings.cores import CORES, on_all_cores
from embeddings.errors import VectorsError
from embeddings.features.store import Matrix, check_unit_vectors
from recsys.search.likeness import LikenessScale, measure_likeness

_ROUNDING = 1e-5  # more than float32 can err in a dot product of two unit vectors
_BLOCK_ROWS = 4096
_WORTH_A_CORE = 2**23  # bytes: less is read sooner than another thread wakes up


class Neighbours(NamedTuple):
    """The nearest rows of a gallery, best first, with their cosine similarities (k,)."""

    rows: NDArray[np.int64]
    similarities: NDArray[np.float64]


class CosineIndex:
    """Every row of a gallery against a query. numpy is the index: one matrix product a query."""

    def __init__(self, matrix: Matrix, tells: NDArray[np.bool_] | None = None) -> None:
        """Take (n, dim) float32 unit vectors; they are not copied. Raises VectorsError for anything else.

        `tells`, (n,), are the rows with a picture of their own, by which likeness is measured; None means all.
        """
        check_unit_vectors(matrix)
        self._matrix = matrix
        self._tells = tells

    def __len__(self) -> int:
        return len(self._matrix)

    @cached_property
    def likeness(self) -> LikenessScale:
        """What cosines mean in this gallery; measured when first asked for."""
        return measure_likeness(self._matrix, self._tells)

    def vector(self, row: int) -> NDArray[np.float32]:
        """The unit vector of a row: (dim,)."""
        return np.array(self._matrix[row])

    def top(self, query: NDArray[np.float32], k: int, *, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Find the `k` rows most similar to a unit vector (dim,), or all rows where there are fewer.

        `allowed`, (n,), says which rows are looked at; None means all. Equal rows are equally similar
        and come in the gallery's order. Raises VectorsError when the query is of another dimension or
        not a unit vector.
        """
        self._check(query, k)
        rough = self._products(query)
        if allowed is not None:
            rough = np.where(allowed, rough, -np.inf)
        k = min(k, len(rough) if allowed is None else int(allowed.sum()))
        if not k:
            return Neighbours(np.empty(0, np.int64), np.empty(0))
        threshold = np.partition(rough, len(rough) - k)[len(rough) - k]
        candidates = np.flatnonzero(rough >= threshold - _ROUNDING)
        similarities = self._exact(candidates, query)
        best = np.argsort(-similarities, kind="stable")[:k]
        return Neighbours(candidates[best], similarities[best])

    def similarities(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosine similarity of each of `rows` to a unit vector (dim,): (len(rows),). Raises as `top` does."""
        self._check(query, 1)
        return self._exact(rows, query)

    def _products(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows' products with a query, (n,), on all cores: fast, but equal rows may differ in the last bits."""
        count = max(1, min(CORES, self._matrix.nbytes // _WORTH_A_CORE))
        return np.concatenate(on_all_cores(lambda part: part @ query, np.array_split(self._matrix, count)))

    def _exact(self, rows: NDArray[np.int64], query: NDArray[np.float32]) -> NDArray[np.float64]:
        """The rows' similarities in float64, each added up in the same order: (len(rows),)."""
        blocks = [rows[start : start + _BLOCK_ROWS] for start in range(0, len(rows), _BLOCK_ROWS)]
        products = [np.multiply(self._matrix[block], query, dtype=np.float64).sum(axis=1) for block in blocks]
        return np.concatenate(products) if products else np.empty(0)

    def _check(self, query: NDArray[np.float32], k: int) -> None:
        dim = self._matrix.shape[1]
        if query.shape != (dim,):
            raise VectorsError(
                f"Expected a query of shape ({dim},), got {query.shape}: was it encoded with another backbone?"
            )
        if k < 1:
            raise VectorsError(f"Expected to look for at least one row, got {k}.")
        check_unit_vectors(query[np.newaxis])
