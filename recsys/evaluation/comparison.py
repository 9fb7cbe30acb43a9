"""Two runs on the same photos, paired query by query: what changed, and whether the difference is real.

Hits are compared with McNemar's exact test (1947): how likely is so uneven a split, by chance, of the queries that
changed? MRR and mAP are compared with a paired permutation test (Smucker, Allan and Carterette 2007). Both are
two-sided.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, permutation_test

from recsys.errors import EvaluationError
from recsys.evaluation.metrics import METRICS, bootstrap_interval
from recsys.evaluation.records import DataSet, Run
from recsys.evaluation.runs import Evaluation, QueryOutcome, group_names

SIGNIFICANCE = 0.05
_PERMUTATIONS = 9999
_BATCH = 500


@dataclass(frozen=True)
class Difference:
    """The difference of a metric's mean, `b` minus `a`, with its 95% bootstrap interval over the pairs.

    `won` counts the queries with a higher value for `b`, `lost` those with a lower one. `p_value` is the chance of a
    difference at least as large if both were equally good.
    """

    a: float
    b: float
    ci95: tuple[float, float]
    won: int
    lost: int
    p_value: float

    @property
    def difference(self) -> float:
        """How much higher the mean of `b` is."""
        return self.b - self.a

    @property
    def is_real(self) -> bool:
        """Whether chance is an unlikely explanation, at the usual level of one in twenty."""
        return self.p_value < SIGNIFICANCE


@dataclass(frozen=True)
class GroupComparison:
    """The differences over a group's pairs, by metric."""

    num_queries: int
    differences: dict[str, Difference]


@dataclass(frozen=True)
class ChangedQuery:
    """A query whose product has a different rank with `b` than with `a`."""

    photo: str
    product_id: str
    group: str
    rank_a: int
    rank_b: int


@dataclass(frozen=True)
class Comparison:
    """Two runs, paired; `won` are the queries whose product ranks higher in the second, the largest change first.

    `num_unpaired` counts queries that only one of the runs has.
    """

    a: Run
    b: Run
    groups: dict[str, GroupComparison]
    won: tuple[ChangedQuery, ...]
    lost: tuple[ChangedQuery, ...]
    num_unpaired: int


def compare(a: Run, b: Run) -> Comparison:
    """Pair the queries of two runs and find what the second does better and worse.

    Raises EvaluationError if they use different photos or products, or have no query in common.
    """
    if a.data_set != b.data_set:
        raise EvaluationError(
            "Expected two runs on the same photos and products, got one on "
            f"{_described(a.data_set)} and one on {_described(b.data_set)}: measure both again."
        )
    of_a, of_b = _by_query(a.evaluation), _by_query(b.evaluation)
    pairs = [(outcome, of_b[query]) for query, outcome in of_a.items() if query in of_b]
    if not pairs:
        raise EvaluationError("Expected two runs on the same photos, but they have none in common.")
    groups = {"all": _compared(pairs)}
    for group in group_names([first for first, _ in pairs]):
        groups[group] = _compared([pair for pair in pairs if pair[0].group == group])
    changed = [ChangedQuery(one.photo, one.product_id, one.group, one.rank, other.rank) for one, other in pairs]
    return Comparison(
        a,
        b,
        groups,
        won=_largest_first(query for query in changed if query.rank_b < query.rank_a),
        lost=_largest_first(query for query in changed if query.rank_b > query.rank_a),
        num_unpaired=len(of_a) + len(of_b) - 2 * len(pairs),
    )


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as `evaluate --json` prints it."""
    return {
        "a": _run_json(comparison.a),
        "b": _run_json(comparison.b),
        "num_unpaired": comparison.num_unpaired,
        "groups": {
            name: {
                "num_queries": group.num_queries,
                **{metric: _difference_json(metric, found) for metric, found in group.differences.items()},
            }
            for name, group in comparison.groups.items()
        },
        "won": [asdict(query) for query in comparison.won],
        "lost": [asdict(query) for query in comparison.lost],
    }


def _described(data_set: DataSet) -> str:
    key = f"{data_set.queries_sha256[:4]}-{data_set.catalogue_sha256[:4]}-{data_set.distractors_sha256[:4]}".rstrip("-")
    products = f"{data_set.num_products + data_set.num_distractors:,} products"
    return f"{data_set.queries} in {products} ({key})"


def _by_query(run: Evaluation) -> dict[tuple[str, str], QueryOutcome]:
    return {(outcome.photo, outcome.product_id): outcome for outcome in run.outcomes}


def _compared(pairs: Sequence[tuple[QueryOutcome, QueryOutcome]]) -> GroupComparison:
    a, b = (np.array([pair[side].metrics for pair in pairs]) for side in (0, 1))  # (queries, metrics)
    low, high = bootstrap_interval(b - a)
    differences = {
        metric: Difference(
            a=float(a[:, column].mean()),
            b=float(b[:, column].mean()),
            ci95=(float(low[column]), float(high[column])),
            won=int((b > a)[:, column].sum()),
            lost=int((b < a)[:, column].sum()),
            p_value=_p_value(metric, (b - a)[:, column]),
        )
        for column, metric in enumerate(METRICS)
    }
    return GroupComparison(len(pairs), differences)


def _p_value(metric: str, differences: NDArray[np.float64]) -> float:
    changed = differences[differences != 0]
    if not len(changed):
        return 1.0
    if metric.startswith("hit@"):
        return float(binomtest(int((changed > 0).sum()), len(changed)).pvalue)
    test = permutation_test(
        (np.append(changed, 0.0),),  # unchanged queries make no difference, but scipy needs at least two values
        np.sum,
        permutation_type="samples",
        vectorized=True,
        n_resamples=_PERMUTATIONS,
        batch=_BATCH,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def _largest_first(queries: Iterable[ChangedQuery]) -> tuple[ChangedQuery, ...]:
    """A change among the first ranks counts more than one far down."""
    return tuple(sorted(queries, key=lambda query: -abs(1 / query.rank_a - 1 / query.rank_b)))


def _run_json(run: Run) -> dict[str, Any]:
    return {"backbone": run.evaluation.backbone, "ranking": run.evaluation.ranking, "run": run.name}


def _difference_json(metric: str, found: Difference) -> dict[str, Any]:
    return {
        **asdict(found),
        "difference": found.difference,
        "test": "exact McNemar" if metric.startswith("hit@") else "paired permutation",
    }
