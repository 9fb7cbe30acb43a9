import numpy as np
import pytest

from embeddings.features.descriptions import Patches, patches_of
from embeddings.features.patch_space import PatchSpace, centred_space, learned_space
from embeddings.models.backbones import BACKBONES, Backbone


@pytest.fixture
def patches() -> Patches:
    """The patches of three pictures of which each has two."""
    return patches_of(np.random.default_rng(0).normal(1, 1, (3, 2, 4)).astype(np.float32))


@pytest.mark.parametrize("name", [name for name, backbone in BACKBONES.items() if backbone.has_patches])
def test_a_space_was_learned_for_each_backbone_with_patches(name: str) -> None:
    backbone = BACKBONES[name]
    space = learned_space(backbone)
    assert space is not None
    assert space.matrix.shape == (backbone.patch_dim, backbone.patch_dim)
    assert space.offset.shape == (backbone.patch_dim,)
    assert np.linalg.matrix_rank(space.matrix) == backbone.patch_dim
    assert space.number != PatchSpace(space.matrix, -space.offset).number


def test_a_backbone_without_patches_has_no_space() -> None:
    assert learned_space(BACKBONES["ResNet50"]) is None


def test_patches_in_a_space_are_unit_vectors_that_weigh_what_they_weighed(bundled: Backbone) -> None:
    maps = np.random.default_rng(0).normal(size=(2, 49, bundled.patch_dim)).astype(np.float32)
    space = learned_space(bundled)
    assert space is not None
    seen = space.project(patches_of(maps))
    np.testing.assert_allclose(np.linalg.norm(seen.directions, axis=2), 1, rtol=1e-5)
    np.testing.assert_array_equal(seen.weights, patches_of(maps).weights)


def test_where_none_was_learned_patches_are_seen_from_their_mean(patches: Patches) -> None:
    seen = centred_space(patches).project(patches)
    centre = patches.directions.reshape(-1, 4).mean(axis=0)
    expected = (patches.directions[1, 0] - centre) / np.linalg.norm(patches.directions[1, 0] - centre)
    np.testing.assert_allclose(seen.directions[1, 0], expected, rtol=1e-5)
