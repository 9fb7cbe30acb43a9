"""Cosine top-k: exact over a memory-mapped matrix of unit vectors, or by a store's index if there are too many."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.features.store import ROUNDING, Matrix, check_unit_vectors
from embeddings.parallel import CORES, on_all_cores
from recsys.search.likeness import LikenessScale, measure_likeness, rows_to_measure

if TYPE_CHECKING:
    from embeddings.features.lance_index import LanceIndex

_BLOCK_ROWS = 4096
_WORTH_A_CORE = 2**23  # bytes: reading less than this is quicker than waking another thread
_MOST_PICKED = 1000  # by a store's index; for more, all rows are put in order


class Neighbours(NamedTuple):
    """The nearest rows of a gallery, best first, with their cosine similarities (k,)."""

    rows: NDArray[np.int64]
    similarities: NDArray[np.float64]


class VectorIndex(Protocol):
    """A gallery's rows, compared with a query. Safe to share between threads."""

    def __len__(self) -> int: ...

    @property
    def likeness(self) -> LikenessScale:
        """The meaning of cosines in this gallery; measured on first use."""
        ...

    def vector(self, row: int) -> NDArray[np.float32]:
        """The unit vector of a row: (dim,)."""
        ...

    def top(self, query: NDArray[np.float32], k: int, *, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Find the `k` rows most similar to a unit vector (dim,), or all rows if there are fewer.

        `allowed`, (n,), says which rows are compared; None means all. Equal rows are equally similar and come in the
        gallery's order. Raises VectorsError if the query has another dimension or is not a unit vector.
        """
        ...

    def similarities(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosine similarity of each of `rows` to a unit vector (dim,): (len(rows),). Raises as `top` does."""
        ...


class CosineIndex:
    """Compares every row of a gallery with a query. numpy is the index: one matrix product per query."""

    def __init__(self, matrix: Matrix, own_picture: NDArray[np.bool_] | None = None) -> None:
        """Take (n, dim) float32 unit vectors, without copying them. Raises VectorsError for anything else.

        `own_picture`, (n,), are the rows with their own picture, used to measure likeness; None means all.
        """
        check_unit_vectors(matrix)
        self._matrix = matrix
        self._own_picture = own_picture

    def __len__(self) -> int:
        return len(self._matrix)

    @cached_property
    def likeness(self) -> LikenessScale:
        """The meaning of cosines in this gallery."""
        return measure_likeness(self._matrix[rows_to_measure(len(self), self._own_picture)])

    def vector(self, row: int) -> NDArray[np.float32]:
        """The unit vector of a row."""
        return np.array(self._matrix[row])

    def top(self, query: NDArray[np.float32], k: int, *, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Find the `k` rows most similar to a unit vector."""
        _check(query, k, self._matrix.shape[1])
        rough = self._products(query)
        if allowed is not None:
            rough = np.where(allowed, rough, -np.inf)
        k = min(k, len(rough) if allowed is None else int(allowed.sum()))
        if not k:
            return Neighbours(np.empty(0, np.int64), np.empty(0))
        threshold = np.partition(rough, len(rough) - k)[len(rough) - k]
        candidates = np.flatnonzero(rough >= threshold - ROUNDING)
        return _best(candidates, self._exact(candidates, query), k)

    def similarities(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosine similarity of each of `rows` to a unit vector."""
        _check(query, 1, self._matrix.shape[1])
        return self._exact(rows, query)

    def _products(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows' dot products with a query, (n,), on all cores; fast, but equal rows may differ in the last bits."""
        count = max(1, min(CORES, self._matrix.nbytes // _WORTH_A_CORE))
        return np.concatenate(on_all_cores(lambda part: part @ query, np.array_split(self._matrix, count)))

    def _exact(self, rows: NDArray[np.int64], query: NDArray[np.float32]) -> NDArray[np.float64]:
        """The rows' similarities in float64, each summed in the same order: (len(rows),)."""
        blocks = [rows[start : start + _BLOCK_ROWS] for start in range(0, len(rows), _BLOCK_ROWS)]
        return np.concatenate([np.empty(0), *(_exact(self._matrix[block], query) for block in blocks)])


class PickedIndex:
    """Lets a store's index select the nearest rows of a gallery, and orders them by their stored vectors."""

    def __init__(
        self, nearest: "LanceIndex", image_keys: Sequence[str], own_picture: NDArray[np.bool_] | None = None
    ) -> None:
        """Take an index with one row per picture, which products may share; `own_picture` as for exact search."""
        self._nearest, self._own_picture = nearest, own_picture
        self._places = nearest.places(image_keys)  # (n,)
        self._rows = np.argsort(self._places, kind="stable")  # by place, then in the gallery's order
        self._by_place = self._places[self._rows]
        self._has_all = len(np.unique(self._places)) == len(nearest)

    def __len__(self) -> int:
        return len(self._places)

    @cached_property
    def likeness(self) -> LikenessScale:
        """The meaning of cosines in this gallery."""
        return measure_likeness(self._nearest.vectors(self._places[rows_to_measure(len(self), self._own_picture)]))

    def vector(self, row: int) -> NDArray[np.float32]:
        """The unit vector of a row."""
        return np.array(self._nearest.vectors(self._places[[row]])[0])

    def top(self, query: NDArray[np.float32], k: int, *, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Find about the `k` rows most similar to a unit vector; a very large `k` compares all rows."""
        _check(query, k, self._dim)
        if k > _MOST_PICKED:
            return self._all(query, k, allowed)
        found, vectors = self._nearest.nearest(query, k, self._compared_places(allowed))
        firsts, ends = (np.searchsorted(self._by_place, found, side=side) for side in ("left", "right"))
        rows = np.concatenate([self._rows[:0], *(self._rows[one:end] for one, end in zip(firsts, ends, strict=True))])
        is_allowed = slice(None) if allowed is None else allowed[rows]  # products that share a picture need not all be
        return _best(rows[is_allowed], np.repeat(_exact(vectors, query), ends - firsts)[is_allowed], k)

    def similarities(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosine similarity of each of `rows` to a unit vector."""
        _check(query, 1, self._dim)
        return _exact(self._nearest.vectors(self._places[rows]), query)

    @cached_property
    def _dim(self) -> int:
        return int(self._nearest.vectors(np.zeros(1, np.int64)).shape[1])

    def _compared_places(self, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """The places of the `allowed` rows, (len(nearest),); None for all."""
        if allowed is None and self._has_all:
            return None
        places = np.zeros(len(self._nearest), np.bool_)
        places[self._places if allowed is None else self._places[allowed]] = True
        return places

    def _all(self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None) -> Neighbours:
        rows = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
        return _best(rows, self._nearest.similarities(query)[self._places[rows]].astype(np.float64), k)


def _best(rows: NDArray[np.int64], similarities: NDArray[np.float64], k: int) -> Neighbours:
    """The `k` most similar of some rows; equal ones in the gallery's order."""
    order = np.lexsort((rows, -similarities))[:k]
    return Neighbours(rows[order], similarities[order])


def _exact(vectors: Matrix, query: NDArray[np.float32]) -> NDArray[np.float64]:
    """The dot products of vectors (n, dim) with a query in float64, each summed in the same order: (n,)."""
    products: NDArray[np.float64] = np.multiply(vectors, query, dtype=np.float64).sum(axis=1)
    return products


def _check(query: NDArray[np.float32], k: int, dim: int) -> None:
    if query.shape != (dim,):
        raise VectorsError(
            f"Expected a query of shape ({dim},), got {query.shape}: was it encoded with another backbone?"
        )
    if k < 1:
        raise VectorsError(f"Expected to look for at least one row, got {k}.")
    check_unit_vectors(query[np.newaxis])
