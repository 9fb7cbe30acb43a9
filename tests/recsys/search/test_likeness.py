import numpy as np
import pytest

from recsys.search.likeness import LikenessScale, measure_likeness, rows_to_measure


def unit(vectors: list[list[float]]) -> np.ndarray:
    rows = np.asarray(vectors, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_scale_runs_from_any_two_products_to_nearest_neighbours() -> None:
    # Four pairs; within a pair the cosine is 0.8, between pairs it is 0.
    pairs = np.zeros((8, 8))
    for pair in range(4):
        pairs[2 * pair, 2 * pair] = 1.0
        pairs[2 * pair + 1, 2 * pair : 2 * pair + 2] = 0.8, 0.6
    scale = measure_likeness(unit(pairs.tolist()))
    assert scale.unlike == pytest.approx(0.0)
    assert scale.alike == pytest.approx(0.8)


@pytest.mark.parametrize(("cosine", "share"), [(0.25, 0.0), (0.5, 0.5), (0.75, 1.0), (-1.0, 0.0), (1.0, 1.0)])
def test_a_cosine_has_a_position_within_the_scale(cosine: float, share: float) -> None:
    assert LikenessScale(0.25, 0.75).share(cosine) == pytest.approx(share)


@pytest.mark.parametrize(("cosine", "level"), [(0.1, 0), (0.2, 1), (0.5, 2), (0.6, 3), (0.84, 3), (0.85, 4), (1.0, 4)])
def test_a_level_starts_at_its_share(cosine: float, level: int) -> None:
    assert LikenessScale().level(cosine) == level


@pytest.mark.parametrize("vectors", [[[1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0]] * 5])
def test_a_gallery_that_gives_no_scale_has_that_of_the_cosine(vectors: list[list[float]]) -> None:
    assert measure_likeness(unit(vectors)) == LikenessScale(0.0, 1.0)


def test_an_empty_gallery_has_the_scale_of_the_cosine() -> None:
    assert measure_likeness(np.empty((0, 4), np.float32)) == LikenessScale()


def test_a_large_gallery_is_measured_on_a_part_of_it() -> None:
    rows = np.random.default_rng(0).normal(size=(20_000, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    some = rows_to_measure(len(rows))
    assert len(some) == 5_000
    scale = measure_likeness(rows[some])
    assert scale.unlike == pytest.approx(0.0, abs=0.02)  # random directions
    assert 0.9 < scale.alike < 1.0


def test_a_placeholder_that_many_products_share_does_not_move_the_scale() -> None:
    rows = np.random.default_rng(0).normal(size=(81, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scale = measure_likeness(rows)
    with_placeholders = measure_likeness(np.concatenate([rows, np.repeat(rows[:1], 100, axis=0)]))
    assert with_placeholders.unlike == pytest.approx(scale.unlike, abs=1e-5)
    assert with_placeholders.alike == pytest.approx(scale.alike, abs=1e-5)
