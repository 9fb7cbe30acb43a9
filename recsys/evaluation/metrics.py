"""hit@k, reciprocal rank and average precision of one ranking, and confidence intervals of their means."""

import numpy as np
from numpy.typing import NDArray

METRICS = ("hit@1", "hit@5", "mrr", "map")
_RESAMPLES = 2000


def rank_of(ranking: NDArray[np.int64], target: int) -> int:
    """The rank, from 1, of row `target` in a ranking of all the gallery's rows, best first: (n,)."""
    return int(np.flatnonzero(ranking == target)[0]) + 1


def average_precision(ranking: NDArray[np.int64], relevant: NDArray[np.bool_]) -> float:
    """The average precision of a ranking (n,) for the rows that `relevant` (n,) marks.

    Manning, Raghavan and Schütze 2008, chapter 8.4.
    """
    positions = np.flatnonzero(relevant[ranking]) + 1
    return float((np.arange(1, len(positions) + 1) / positions).mean())


def metrics_of(rank: int, precision: float) -> tuple[float, ...]:
    """A query's metrics, in the order of METRICS, given its product's `rank` and the average precision."""
    return float(rank <= 1), float(rank <= 5), 1 / rank, precision


def bootstrap_interval(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 95% percentile bootstrap interval of each column's mean: (n, m) -> (2, m); seeded, so repeatable."""
    random = np.random.default_rng(0)
    counts = random.multinomial(len(values), np.full(len(values), 1 / len(values)), size=_RESAMPLES)  # (r, n)
    return np.percentile(counts @ values / len(values), [2.5, 97.5], axis=0)
