"""Candidates: the products that the refined ranking compares in detail, selected from a catalogue of any size."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embeddings.features.reduction import Reduction, learned_reduction
from embeddings.features.store import Matrix
from recsys.search.index import CosineIndex, Neighbours, PickedIndex, VectorIndex
from recsys.search.refined.kept_descriptions import Descriptions


class CandidateIndex:
    """The gallery's vectors, reduced so that the right product is among the first hundred more often."""

    def __init__(self, reduction: Reduction, index: VectorIndex) -> None:
        """Take an index of reduced vectors, and the reduction."""
        self._reduction, self._index = reduction, index

    def top(self, vector: NDArray[np.float32], k: int, *, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Find the `k` rows nearest to a unit vector (dim,), out of `allowed`, (n,), or all.

        Similarities are those of the reduced vectors.
        """
        return self._index.top(self._reduction.reduced(vector[np.newaxis])[0], k, allowed=allowed)

    def like(self, row: int) -> NDArray[np.int64]:
        """Every row, most similar to `row` first: (n,)."""
        return self._index.top(self._index.vector(row), len(self._index)).rows


def candidates_of(parts: Sequence[Descriptions], own_picture: NDArray[np.bool_]) -> CandidateIndex:
    """The gallery's candidates, by the index of its descriptions, exact if there is none; `own_picture` as below."""
    first = parts[0]
    if len(parts) == 1 and first.nearest is not None and first.nearest.reduction is not None:
        return CandidateIndex(first.nearest.reduction, PickedIndex(first.nearest, first.image_keys))
    matrix = first.matrix if len(parts) == 1 else np.concatenate([one.matrix for one in parts])
    return exact_candidates(matrix, own_picture)


def exact_candidates(matrix: Matrix, own_picture: NDArray[np.bool_] | None = None) -> CandidateIndex:
    """Search all of (n, dim) float32 unit vectors; stores a reduced copy, (n, at most 256).

    The reduction is learned from the rows that `own_picture`, (n,), selects; None means all.
    """
    rows = np.arange(len(matrix)) if own_picture is None else np.flatnonzero(own_picture)
    reduction = learned_reduction(matrix, rows)
    return CandidateIndex(reduction, CosineIndex(reduction.reduced(matrix)))
