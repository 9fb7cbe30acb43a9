import numpy as np
import pytest
from pytrec_eval import RelevanceEvaluator
from sklearn.metrics import average_precision_score

from recsys.evaluation.metrics import METRICS, average_precision, bootstrap_interval, metrics_of, rank_of

TREC_MEASURES = {"hit@1": "success.1", "hit@5": "success.5", "mrr": "recip_rank", "map": "map"}


def test_metrics_of_a_ranking_counted_by_hand() -> None:
    ranking = np.array([4, 2, 0, 1, 3])  # the target, row 0, is third
    relevant = np.array([True, False, True, False, False])  # at positions 2 and 3
    metrics = metrics_of(rank_of(ranking, 0), average_precision(ranking, relevant))
    assert metrics == pytest.approx((0, 1, 1 / 3, (1 / 2 + 2 / 3) / 2))


@pytest.mark.parametrize("position, hits", [(1, (1, 1)), (2, (0, 1)), (5, (0, 1)), (6, (0, 0))])
def test_a_hit_is_a_target_among_the_first_k(position: int, hits: tuple[int, int]) -> None:
    assert metrics_of(rank_of(np.arange(10), position - 1), 0.0)[:2] == hits


def test_average_precision_is_scikit_learn_s() -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        scores, relevant = random.random(40), random.random(40) < 0.3
        relevant[7] = True
        assert average_precision(np.argsort(-scores), relevant) == pytest.approx(
            average_precision_score(relevant, scores)
        )


def test_the_means_over_many_queries_are_those_of_trec_eval() -> None:
    random = np.random.default_rng(11)
    num_queries, num_products = 60, 30
    scores = random.random((num_queries, num_products))
    targets = random.integers(0, num_products, num_queries)
    categories = random.integers(0, 6, num_products)
    scores[np.arange(num_queries), targets] += random.random(num_queries)  # so that some are first
    ours = [
        metrics_of(rank_of(order, target), average_precision(order, categories == categories[target]))
        for order, target in zip(np.argsort(-scores), targets, strict=True)
    ]
    run = {f"q{q}": {f"p{p}": float(scores[q, p]) for p in range(num_products)} for q in range(num_queries)}
    itself = {f"q{q}": {f"p{target}": 1} for q, target in enumerate(targets)}
    same_category = {
        f"q{q}": {f"p{p}": 1 for p in range(num_products) if categories[p] == categories[target]}
        for q, target in enumerate(targets)
    }
    for metric, mean in zip(METRICS, np.mean(ours, axis=0), strict=True):
        relevant = same_category if metric == "map" else itself
        measure = TREC_MEASURES[metric]
        theirs = RelevanceEvaluator(relevant, {measure}).evaluate(run).values()
        assert 0.1 < mean < 0.9
        assert mean == pytest.approx(np.mean([query[measure.replace(".", "_")] for query in theirs]))


def test_the_interval_of_a_share_is_about_the_normal_one() -> None:
    values = np.repeat([[1.0], [0.0]], [300, 700], axis=0)
    low, high = bootstrap_interval(values)[:, 0]
    half = 1.96 * np.sqrt(0.3 * 0.7 / 1000)
    assert (low, high) == pytest.approx((0.3 - half, 0.3 + half), abs=0.004)
