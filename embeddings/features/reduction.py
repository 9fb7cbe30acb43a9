"""Vectors for selecting candidates: relative to a catalogue's mean, and reduced.

A catalogue's packshots have much in common, and a few directions in which most of them differ; both hide what
distinguishes a product from its neighbours. So vectors are centred, reduced, and those directions damped: a milder form
of the whitening of Jégou and Chum 2012, doi:10.1007/978-3-642-33709-3_55.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_DIM = 256
_EXPONENT = 0.15  # 0 leaves the directions unchanged, 0.5 makes all equal
_SAMPLE = 512  # gives as good directions as 8,192 rows, in a twentieth of the time


@dataclass(frozen=True)
class Reduction:
    """The mean of vectors, (dim,), and the directions that they are projected onto: (dim, at most 256)."""

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]

    def reduced(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors (n, dim) in the form that is compared: (n, at most 256), of length 1."""
        reduced = (matrix - self.mean) @ self.projection
        lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
        # A product equal to the mean is similar to nothing: any direction will do.
        reduced = np.where(lengths > 1e-6, reduced / np.maximum(lengths, 1e-6), np.eye(1, reduced.shape[1]))
        return reduced.astype(np.float32)


def learned_reduction(matrix: NDArray[np.float32], rows: NDArray[np.int64]) -> Reduction:
    """Learn the reduction from some of these `rows` of a matrix (n, dim), evenly spread."""
    sample = matrix[rows[np.unique(np.linspace(0, max(0, len(rows) - 1), min(len(rows), _SAMPLE)).astype(np.int64))]]
    mean = sample.mean(axis=0) if len(sample) else np.zeros(matrix.shape[1], np.float32)
    return Reduction(mean, _projection(sample - mean))


def _projection(centred: NDArray[np.float32]) -> NDArray[np.float32]:
    """The main directions of centred vectors (n, dim), the strongest damped: (dim, at most 256)."""
    count, dim = centred.shape
    if 0 < count < dim:  # the same directions, from the smaller Gram matrix
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
