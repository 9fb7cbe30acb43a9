import numpy as np
import pytest

from recsys.indexing.calibration import best_of_more


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_the_best_of_twice_as_many_is_foreseen(share: float) -> None:
    random = np.random.default_rng(0)
    best_of_fifty = random.exponential(size=(20_000, 50)).max(axis=1)
    best_of_hundred = random.exponential(size=(20_000, 100)).max(axis=1)
    assert best_of_more(best_of_fifty, 2, share) == pytest.approx(np.quantile(best_of_hundred, share), rel=0.02)


def test_products_that_are_all_alike_need_no_more_than_they_have() -> None:
    assert best_of_more(np.full(64, 3.0), 2, 0.95) == pytest.approx(3.0)
