import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from math import comb
from statistics import NormalDist

import numpy as np
import pytest

from recsys.errors import EvaluationError
from recsys.evaluation.comparison import Comparison, compare, comparison_json
from recsys.evaluation.records import DataSet, Run
from recsys.evaluation.runs import Evaluation, Percentiles, QueryOutcome

PHOTOS = DataSet("queries.csv", "a" * 64, "b" * 64, 81)


def run_of(ranks: Sequence[int], *, name: str = "", precisions: Sequence[float] = (), first: int = 0) -> Run:
    """A run in which photo `i` has its product at rank `ranks[i - first]`; odd ones are in the group `odd`."""
    outcomes = tuple(
        QueryOutcome(f"{i}.jpg", f"P{i}", "odd" if i % 2 else "even", rank, precision, (), 1.0, 1.0)
        for i, (rank, precision) in enumerate(zip(ranks, precisions or [0.5] * len(ranks), strict=True), start=first)
    )
    times = Percentiles(1.0, 1.0)
    return Run(name, PHOTOS, Evaluation("ResNet50", "cosine", {}, times, times, (), outcomes))


def test_queries_are_paired_and_listed_by_outcome() -> None:
    comparison = compare(run_of([1, 7, 3, 2, 9]), run_of([2, 1, 3, 8, 8]))
    assert [(query.photo, query.rank_a, query.rank_b) for query in comparison.won] == [("1.jpg", 7, 1), ("4.jpg", 9, 8)]
    assert [(query.photo, query.rank_a, query.rank_b) for query in comparison.lost] == [
        ("0.jpg", 1, 2),
        ("3.jpg", 2, 8),
    ]
    hit1, hit5 = (comparison.groups["all"].differences[metric] for metric in ("hit@1", "hit@5"))
    assert (hit1.a, hit1.b, hit1.won, hit1.lost) == (0.2, 0.2, 1, 1)
    assert (hit5.a, hit5.b, hit5.won, hit5.lost) == (0.6, 0.6, 1, 1)
    mrr = comparison.groups["all"].differences["mrr"]
    expected = (1 / 2 + 1 + 1 / 3 + 1 / 8 + 1 / 8) / 5 - (1 + 1 / 7 + 1 / 3 + 1 / 2 + 1 / 9) / 5
    assert mrr.difference == pytest.approx(expected)
    assert (mrr.won, mrr.lost) == (2, 2)


def test_groups_are_compared_by_themselves() -> None:
    comparison = compare(run_of([1, 2, 1, 2]), run_of([1, 1, 1, 1]))
    assert list(comparison.groups) == ["all", "even", "odd"]
    assert [group.num_queries for group in comparison.groups.values()] == [4, 2, 2]
    assert [group.differences["hit@1"].difference for group in comparison.groups.values()] == [0.5, 0, 1]


@pytest.mark.parametrize("won, lost", [(9, 1), (5, 4), (12, 2), (1, 0), (0, 6)])
def test_hits_are_compared_with_the_exact_test_of_mcnemar(won: int, lost: int) -> None:
    same = [1, 9, 2]
    comparison = compare(run_of([9] * won + [1] * lost + same), run_of([1] * won + [9] * lost + same))
    total, fewer = won + lost, min(won, lost)
    by_hand = min(1.0, 2 * sum(comb(total, k) for k in range(fewer + 1)) / 2**total)
    difference = comparison.groups["all"].differences["hit@1"]
    assert difference.p_value == pytest.approx(by_hand)
    assert difference.is_real == (by_hand < 0.05)


def test_average_precisions_are_compared_by_every_way_to_change_their_signs() -> None:
    a, b = [0.1, 0.4, 0.35, 0.8, 0.2, 0.5], [0.3, 0.45, 0.3, 0.95, 0.6, 0.5]
    comparison = compare(run_of([2] * 6, precisions=a), run_of([2] * 6, precisions=b))
    differences = np.subtract(b, a)
    sums = [np.dot(differences, signs) for signs in itertools.product((1, -1), repeat=6)]
    by_hand = np.mean(np.abs(sums) >= abs(differences.sum()) - 1e-12)
    assert comparison.groups["all"].differences["map"].p_value == pytest.approx(by_hand)


def test_of_many_queries_the_permutation_test_agrees_with_the_normal_one() -> None:
    random = np.random.default_rng(3)
    a = random.random(400)
    b = a + random.normal(0.02, 0.2, 400)
    found = compare(run_of([2] * 400, precisions=list(a)), run_of([2] * 400, precisions=list(b)))
    map_difference = found.groups["all"].differences["map"]
    half = 1.96 * (b - a).std(ddof=1) / 20
    assert map_difference.ci95 == pytest.approx(((b - a).mean() - half, (b - a).mean() + half), abs=0.003)
    z = (b - a).mean() / ((b - a).std(ddof=1) / 20)
    assert map_difference.p_value == pytest.approx(2 * NormalDist().cdf(-abs(z)), abs=0.02)


def test_the_same_run_twice_has_no_difference() -> None:
    comparison = compare(run_of([1, 2, 3]), run_of([1, 2, 3]))
    for difference in comparison.groups["all"].differences.values():
        assert (difference.difference, difference.ci95, difference.p_value) == (0, (0, 0), 1)
        assert not difference.is_real
    assert comparison.won == comparison.lost == ()


def test_photos_that_one_run_skipped_are_left_out_and_counted() -> None:
    comparison = compare(run_of([1, 1, 1], first=0), run_of([2, 2, 2], first=1))
    assert comparison.num_unpaired == 2
    assert comparison.groups["all"].num_queries == 2


def test_runs_that_cannot_be_compared_are_refused() -> None:
    elsewhere = replace(run_of([1]), data_set=replace(PHOTOS, catalogue_sha256="c" * 64))
    with pytest.raises(EvaluationError, match=r"queries.csv in 81 products .aaaa-bbbb. and one on .*aaaa-cccc"):
        compare(run_of([1]), elsewhere)
    with pytest.raises(EvaluationError, match="none in common"):
        compare(run_of([1], first=0), run_of([1], first=1))


def test_the_json_names_runs_differences_and_changed_queries() -> None:
    comparison: Comparison = compare(run_of([1, 7], name="first"), run_of([2, 1], name="second"))
    content = json.loads(json.dumps(comparison_json(comparison)))
    assert content["a"] == {"backbone": "ResNet50", "ranking": "cosine", "run": "first"}
    assert content["b"]["run"] == "second"
    hit = content["groups"]["all"]["hit@1"]
    assert {"a", "b", "difference", "ci95", "won", "lost", "p_value", "test"} == set(hit)
    assert hit["test"] == "exact McNemar"
    assert content["groups"]["all"]["map"]["test"] == "paired permutation"
    assert content["won"] == [{"photo": "1.jpg", "product_id": "P1", "group": "odd", "rank_a": 7, "rank_b": 1}]
    assert [query["photo"] for query in content["lost"]] == ["0.jpg"]
