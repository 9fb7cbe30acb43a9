import numpy as np
import pytest

from embeddings.features.descriptions import patches_of
from embeddings.features.patch_space import PatchSpace, learned_space
from embeddings.models.backbones import BACKBONES, Backbone


@pytest.mark.parametrize("name", [name for name, backbone in BACKBONES.items() if backbone.is_bundled])
def test_a_space_was_learned_for_each_bundled_backbone(name: str) -> None:
    backbone = BACKBONES[name]
    space = learned_space(backbone)
    assert space is not None
    assert space.matrix.shape == (backbone.patch_dim, backbone.patch_dim)
    assert space.offset.shape == (backbone.patch_dim,)
    assert np.linalg.matrix_rank(space.matrix) == backbone.patch_dim
    assert space.number != PatchSpace(space.matrix, -space.offset).number


def test_no_space_is_shipped_for_weights_that_are_not() -> None:
    assert [name for name, one in BACKBONES.items() if one.has_patches != one.is_bundled] == []
    assert learned_space(BACKBONES["ResNet50"]) is None


def test_patches_in_a_space_are_unit_vectors_that_weigh_what_they_weighed(bundled: Backbone) -> None:
    maps = np.random.default_rng(0).normal(size=(2, 49, bundled.patch_dim)).astype(np.float32)
    space = learned_space(bundled)
    assert space is not None
    seen = space.project(patches_of(maps))
    np.testing.assert_allclose(np.linalg.norm(seen.directions, axis=2), 1, rtol=1e-5)
    np.testing.assert_array_equal(seen.weights, patches_of(maps).weights)
