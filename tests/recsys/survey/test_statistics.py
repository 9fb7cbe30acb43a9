"""The intervals compared with those of scipy and statsmodels."""

import pytest
from scipy.stats import binomtest
from statsmodels.stats.proportion import confint_proportions_2indep

from recsys.survey.statistics import newcombe_interval, wilson_interval

CASES = [(count, total) for total in (1, 2, 5, 11, 52, 1000) for count in sorted({0, 1, total // 3, total - 1, total})]


def test_the_interval_of_a_share_is_that_of_scipy() -> None:
    for count, total in CASES:
        expected = binomtest(count, total).proportion_ci(confidence_level=0.95, method="wilson")
        low, high = wilson_interval(count, total)
        assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12), (count, total)
        assert 0 <= low <= count / total <= high <= 1


@pytest.mark.parametrize("second", [(27, 52), (39, 52), (0, 52), (52, 52), (1, 1), (0, 3)])
def test_the_interval_of_a_difference_is_that_of_statsmodels(second: tuple[int, int]) -> None:
    for first in CASES:
        expected = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff", alpha=0.05)
        assert newcombe_interval(first, second) == pytest.approx(expected, abs=1e-9), first


def test_newcombe_s_own_example() -> None:
    """56 of 70 and 48 of 80 (Newcombe 1998, table II, method 10): 0.0524 to 0.3339."""
    assert newcombe_interval((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_nobody_and_everybody_are_exact_ends() -> None:
    assert wilson_interval(0, 52)[0] == 0
    assert wilson_interval(52, 52)[1] == 1


def test_without_answers_nothing_is_known_of_a_share() -> None:
    assert wilson_interval(0, 0) == (0, 1)
