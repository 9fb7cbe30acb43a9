"""Candidates: the products that the refined ranking looks at closely, picked from a catalogue of any size.

A catalogue's packshots have much in common, and a few directions in which most of them differ; both hide what
tells one product from its neighbours. So vectors are centred, reduced, and those directions damped: a milder
form of the whitening of Jégou and Chum 2012, doi:10.1007/978-3-642-33709-3_55.
"""

import numpy as np
from numpy.typing import NDArray

from embeddings.features.store import Matrix
from recsys.search.index import CosineIndex, Neighbours

_DIM = 256
_EXPONENT = 0.15  # 0 leaves the directions as they are, 0.5 makes all alike
_SAMPLE = 512  # so many rows tell the directions as well as 8,192 do, in a twentieth of the time


class CandidateIndex:
    """The gallery's vectors, reduced so that the product is among the first hundred more often."""

    def __init__(self, matrix: Matrix, tells: NDArray[np.bool_] | None = None) -> None:
        """Take (n, dim) float32 unit vectors; keeps (n, at most 256) of its own.

        What they have in common is learned of the rows that `tells`, (n,), says, None meaning all.
        """
        rows = np.arange(len(matrix)) if tells is None else np.flatnonzero(tells)
        sample = matrix[
            rows[np.unique(np.linspace(0, max(0, len(rows) - 1), min(len(rows), _SAMPLE)).astype(np.int64))]
        ]
        self._mean = sample.mean(axis=0) if len(sample) else np.zeros(matrix.shape[1], np.float32)
        self._projection = _projection(sample - self._mean)
        self._vectors = self.reduced(matrix)  # (n, at most 256)
        self._index = CosineIndex(self._vectors)

    def top(self, vector: NDArray[np.float32], k: int, *, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Find the `k` rows nearest to a unit vector (dim,), out of `allowed`, (n,), or all.

        Their similarities are those of the reduced vectors.
        """
        return self._index.top(self.reduced(vector[np.newaxis])[0], k, allowed=allowed)

    def like(self, row: int) -> NDArray[np.int64]:
        """Every row, those most like `row` first: (n,)."""
        return np.argsort(-(self._vectors @ self._vectors[row]), kind="stable")

    def reduced(self, matrix: Matrix) -> NDArray[np.float32]:
        """Vectors (n, dim) as they are searched: (n, at most 256), of length 1."""
        reduced = (matrix - self._mean) @ self._projection
        lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
        # A product that is the mean itself is like no other: any direction will do.
        reduced = np.where(lengths > 1e-6, reduced / np.maximum(lengths, 1e-6), np.eye(1, reduced.shape[1]))
        return reduced.astype(np.float32)


def _projection(centred: NDArray[np.float32]) -> NDArray[np.float32]:
    """The main directions of centred vectors (n, dim), the strongest damped: (dim, at most 256)."""
    count, dim = centred.shape
    if 0 < count < dim:  # the same directions, from the smaller matrix of products
        variances, of_rows = np.linalg.eigh(centred @ centred.T / count)
        directions = centred.T @ of_rows
        lengths = np.linalg.norm(directions, axis=0)
        directions /= np.maximum(lengths, 1e-3 * lengths.max(initial=1e-6))
    else:
        variances, directions = np.linalg.eigh(centred.T @ centred / max(1, count))
    variances, directions = variances[::-1], directions[:, ::-1]
    damped = np.maximum(variances, 1e-3 * max(float(variances[0]), 1e-9)) ** _EXPONENT
    projection: NDArray[np.float32] = (directions / damped)[:, :_DIM].astype(np.float32)
    return projection
