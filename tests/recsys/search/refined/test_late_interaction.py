import numpy as np
from numpy.typing import NDArray

from embeddings.features.descriptions import Patches, patches_of
from recsys.search.refined.late_interaction import late_interaction


def _patches(count: int, seed: int) -> Patches:
    return patches_of(np.random.default_rng(seed).normal(size=(count, 9, 16)).astype(np.float32))


def _likeness(query: Patches, gallery: Patches) -> NDArray[np.float32]:
    cosines = np.einsum("gpd,fqd->gpfq", gallery.directions, query.directions)
    return late_interaction(cosines, gallery.weights, query.weights)


def _by_loops(query: Patches, gallery: Patches, picture: int) -> float:
    total = 0.0
    for frame in range(len(query)):
        cosines = np.array([[float(q @ g) for g in gallery.directions[picture]] for q in query.directions[frame]])
        there = sum(weight * row.max() for weight, row in zip(query.weights[frame], cosines, strict=True))
        back = sum(weight * column.max() for weight, column in zip(gallery.weights[picture], cosines.T, strict=True))
        total += (there + back) / 2
    return total / len(query)


def test_late_interaction_is_what_plain_loops_give() -> None:
    query, gallery = _patches(2, 0), _patches(5, 1)
    expected = [_by_loops(query, gallery, picture) for picture in range(5)]
    np.testing.assert_allclose(_likeness(query, gallery), expected, rtol=1e-5)


def test_a_picture_is_entirely_like_itself() -> None:
    gallery = _patches(4, 2)
    one = Patches(gallery.directions[2:3], gallery.weights[2:3])
    likeness = _likeness(one, gallery)
    assert likeness.argmax() == 2
    np.testing.assert_allclose(likeness[2], 1, rtol=1e-5)


def test_the_position_of_a_patch_makes_no_difference() -> None:
    gallery = _patches(1, 3)
    shuffled = np.random.default_rng(0).permutation(9)
    moved = Patches(gallery.directions[:, shuffled], gallery.weights[:, shuffled])
    np.testing.assert_allclose(_likeness(moved, gallery), [1], rtol=1e-5)
