from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import VectorsError
from recsys.search.index import CosineIndex


def unit_vectors(count: int, dim: int, seed: int = 3) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def naive_top(matrix: np.ndarray, query: np.ndarray, k: int) -> list[int]:
    similarities = [sum(float(a) * float(b) for a, b in zip(row, query, strict=True)) for row in matrix]
    return sorted(range(len(matrix)), key=lambda row: (-similarities[row], row))[:k]


@pytest.mark.parametrize("count, dim, k", [(1, 4, 1), (50, 16, 5), (300, 64, 300), (300, 64, 1)])
def test_top_k_is_what_a_plain_loop_finds(count: int, dim: int, k: int) -> None:
    matrix = unit_vectors(count, dim)
    for query in unit_vectors(3, dim, seed=9):
        assert CosineIndex(matrix).top(query, k).rows.tolist() == naive_top(matrix, query, k)


def test_top_k_returns_the_query_itself_first() -> None:
    matrix = unit_vectors(500, 32)
    for row in (0, 77, 499):
        found = CosineIndex(matrix).top(matrix[row], 5)
        assert found.rows[0] == row
        assert found.similarities[0] == pytest.approx(1, abs=1e-6)


def test_similarities_are_cosines_and_fall() -> None:
    matrix = unit_vectors(200, 32)
    found = CosineIndex(matrix).top(matrix[3], 200)
    np.testing.assert_allclose(found.similarities, matrix[found.rows].astype(float) @ matrix[3], atol=1e-9)
    assert (np.diff(found.similarities) <= 0).all()


@pytest.mark.parametrize("count", [7, 1003])
def test_equal_rows_come_in_the_catalogue_s_order(count: int) -> None:
    matrix = np.repeat(unit_vectors(1, 1280), count, axis=0)
    query = unit_vectors(1, 1280, seed=4)[0]
    assert CosineIndex(matrix).top(query, 5).rows.tolist() == [0, 1, 2, 3, 4]


def test_equal_rows_far_apart_come_in_the_catalogue_s_order() -> None:
    matrix = unit_vectors(5256, 1280)
    twins = [17, 1029, 4096, 5255]
    matrix[twins] = matrix[17]
    assert CosineIndex(matrix).top(matrix[17], 4).rows.tolist() == twins


def test_k_larger_than_the_catalogue_gives_the_whole_catalogue() -> None:
    assert sorted(CosineIndex(unit_vectors(6, 8)).top(unit_vectors(1, 8)[0], 100).rows) == list(range(6))


def test_an_empty_catalogue_gives_nothing() -> None:
    found = CosineIndex(np.empty((0, 8), np.float32)).top(unit_vectors(1, 8)[0], 5)
    assert len(found.rows) == len(found.similarities) == 0


def test_a_memory_mapped_matrix_is_searched_in_place(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", unit_vectors(100, 16))
    matrix = np.load(tmp_path / "m.npy", mmap_mode="r")
    assert CosineIndex(matrix).top(matrix[42], 1).rows.tolist() == [42]


def test_a_query_of_another_dimension_is_refused() -> None:
    with pytest.raises(VectorsError, match=r"shape \(1280,\), got \(2048,\): was it encoded with another backbone"):
        CosineIndex(unit_vectors(3, 1280)).top(unit_vectors(1, 2048)[0], 5)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_neither_nan_nor_infinity_nor_zero_enters(value: float) -> None:
    matrix = unit_vectors(10, 8)
    matrix[4, :] = value
    with pytest.raises(VectorsError, match="row 4"):
        CosineIndex(matrix)
    with pytest.raises(VectorsError, match="length 1"):
        CosineIndex(unit_vectors(10, 8)).top(matrix[4], 5)


def test_k_below_one_is_refused() -> None:
    with pytest.raises(VectorsError, match="at least one row, got 0"):
        CosineIndex(unit_vectors(3, 8)).top(unit_vectors(1, 8)[0], 0)


@pytest.mark.parametrize("seed", range(4))
def test_among_some_rows_the_nearest_are_those_a_plain_loop_finds(seed: int) -> None:
    matrix, query = unit_vectors(300, 16), unit_vectors(1, 16, seed=90 + seed)[0]
    allowed = np.random.default_rng(seed).random(300) < (0.5, 0.1, 0.02, 0.9)[seed]
    rows = np.flatnonzero(allowed)
    expected = [int(rows[place]) for place in naive_top(matrix[rows], query, 5)]
    assert CosineIndex(matrix).top(query, 5, allowed=allowed).rows.tolist() == expected


def test_among_no_rows_there_is_nothing() -> None:
    found = CosineIndex(unit_vectors(6, 8)).top(unit_vectors(1, 8)[0], 5, allowed=np.zeros(6, np.bool_))
    assert len(found.rows) == len(found.similarities) == 0
