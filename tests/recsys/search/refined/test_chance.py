from math import exp

import numpy as np
import pytest

from recsys.search.explanation import Agreement
from recsys.search.refined.chance import LooksByChance, looks_by_chance, print_evidence
from recsys.search.refined.geometry import REPROJECTION

PLACES = np.zeros((640, 2), np.float32)


def agreement(num_pairs: int, num_agreeing: int) -> Agreement:
    return Agreement(PLACES[:num_agreeing], PLACES[:num_agreeing], num_pairs)


def maps_by_trial(num_pairs: int, num_agreeing: int, random: np.random.Generator, trials: int) -> float:
    """Count how many of the maps fixed by three pairs explain this many of pairs spread over a quarter."""
    share = np.pi * REPROJECTION**2 / 0.25
    others = random.binomial(num_pairs - 3, share, trials)
    triples = num_pairs * (num_pairs - 1) * (num_pairs - 2) / 6
    return float((others >= num_agreeing - 3).mean() * triples)


@pytest.mark.parametrize(("num_pairs", "num_agreeing"), [(40, 4), (100, 5), (200, 5)])
def test_print_is_no_more_evidence_than_a_count_of_chance_maps_allows(num_pairs: int, num_agreeing: int) -> None:
    by_trial = maps_by_trial(num_pairs, num_agreeing, np.random.default_rng(0), 200_000)
    assert exp(-print_evidence(agreement(num_pairs, num_agreeing))) >= min(1.0, by_trial)


def test_as_many_keypoints_tell_less_the_more_pairs_there_were() -> None:
    told = [print_evidence(agreement(num_pairs, 9)) for num_pairs in (10, 20, 40, 80, 640)]
    assert told == sorted(told, reverse=True)
    assert told[0] > 20
    assert told[-1] == 0


@pytest.mark.parametrize("num_agreeing", [0, 3])
def test_pairs_that_any_map_explains_tell_nothing(num_agreeing: int) -> None:
    assert print_evidence(agreement(5, num_agreeing)) == 0


@pytest.mark.parametrize("num_products", [100, 1_000])
def test_the_share_of_photos_with_so_alike_a_product_is_foreseen_for_more_products(num_products: int) -> None:
    random = np.random.default_rng(0)
    best_of_fifty = random.exponential(size=(20_000, 50)).max(axis=1)
    best_of_more = random.exponential(size=(4_000, num_products)).max(axis=1)
    looks = looks_by_chance(best_of_fifty, 50)
    expected = [num_products * exp(-looks.evidence(likeness)) for likeness in np.quantile(best_of_more, [0.9, 0.95])]
    assert expected == pytest.approx([0.1, 0.05], rel=0.15)


def test_products_that_are_all_alike_need_hardly_more_than_they_have() -> None:
    assert looks_by_chance(np.full(64, 0.3), 40) == LooksByChance(pytest.approx(0.3, abs=0.01), 1e-3)
