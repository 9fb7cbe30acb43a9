import numpy as np
import pytest

from recsys.search.refined.candidates import exact_candidates


def _gallery(count: int, dim: int = 64) -> np.ndarray:
    """Unit vectors with much in common, like packshots'."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(count, dim)) * np.geomspace(3, 0.1, dim) + 4
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("count", [1, 2, 3, 50, 700])
def test_every_row_finds_itself_first(count: int) -> None:
    gallery = _gallery(count)
    index = exact_candidates(gallery)
    for row in range(0, count, 7):
        assert index.top(gallery[row], 1).rows.tolist() == [row]


@pytest.mark.parametrize("count", [40, 200])  # fewer and more than a vector's dimensions
def test_the_order_is_that_of_cosines_of_the_centred_and_damped_vectors(count: int) -> None:
    gallery, index = _gallery(count), exact_candidates(_gallery(count))
    query = gallery[3] + gallery[30]
    query /= np.linalg.norm(query)
    centred = gallery - gallery.mean(axis=0)
    covariance = np.cov(centred.T, bias=True)
    values, axes = np.linalg.eigh(covariance.astype(np.float64))
    values = np.maximum(values, 1e-3 * values.max())
    damping = axes / values**0.15
    reduced, wanted = centred @ damping, (query - gallery.mean(axis=0)) @ damping
    cosines = reduced @ wanted / np.linalg.norm(reduced, axis=1) / np.linalg.norm(wanted)
    assert index.top(query, 10).rows.tolist() == np.argsort(-cosines)[:10].tolist()


def test_only_rows_that_may_be_looked_at_are_found() -> None:
    gallery = _gallery(50)
    allowed = np.zeros(50, bool)
    allowed[[4, 30]] = True
    assert sorted(exact_candidates(gallery).top(gallery[0], 5, allowed=allowed).rows) == [4, 30]


def test_an_empty_gallery_has_no_candidates() -> None:
    assert not len(exact_candidates(np.empty((0, 64), np.float32)).top(_gallery(1)[0], 5).rows)
