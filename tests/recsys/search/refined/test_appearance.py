import numpy as np

from embeddings.features.describing import PhotoDescription
from embeddings.features.descriptions import packed, patches_in, patches_of
from embeddings.features.patch_space import learned_space
from embeddings.imaging.local_features import LocalFeatures
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Description
from recsys.search.refined.appearance import WholeAppearance, appearance_by
from recsys.search.refined.late_interaction import late_interaction

NO_FEATURES = LocalFeatures(np.empty((0, 2), np.float32), np.empty((0, 128), np.uint8))
NO_PICTURE = np.zeros((1, 1, 3), np.uint8)


def test_patches_are_compared_in_their_space_though_only_the_photos_are_brought_there(bundled: Backbone) -> None:
    random = np.random.default_rng(0)
    maps = random.normal(size=(5, bundled.num_patches, bundled.patch_dim)).astype(np.float32)
    maps[0, 0] = 0  # a patch of nothing
    records = np.stack(
        [
            packed(bundled, str(key), Description(np.zeros(bundled.dim), one), NO_FEATURES)
            for key, one in enumerate(maps)
        ]
    )
    photo = PhotoDescription(np.zeros(bundled.dim, np.float32), patches_of(maps[3:]), NO_FEATURES, NO_PICTURE)
    here, there = learned_space(bundled).project(photo.patches), learned_space(bundled).project(patches_in(records))
    cosines = np.einsum("gpd,fqd->gpfq", there.directions, here.directions)
    expected = late_interaction(cosines, there.weights, here.weights)
    appearance = appearance_by(bundled, lambda: records)
    for known in (records[1:3], records, records):  # some pictures are new the first time, others not
        likeness = appearance.likeness(photo, known)
    np.testing.assert_allclose(likeness, expected, rtol=1e-5)


def test_without_patches_similarity_is_the_cosine_relative_to_the_mean() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(7, 12)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    records = np.zeros(6, [("vector", "<f4", (12,))])
    records["vector"] = vectors[1:]
    photo = PhotoDescription(vectors[0], patches_of(np.empty((2, 0, 0), np.float32)), NO_FEATURES, NO_PICTURE)
    mean = vectors[1:].mean(axis=0)
    expected = [
        np.dot(vectors[0] - mean, other - mean) / np.linalg.norm(vectors[0] - mean) / np.linalg.norm(other - mean)
        for other in vectors[1:]
    ]
    appearance = WholeAppearance(mean)
    np.testing.assert_allclose(appearance.likeness(photo, records), expected, rtol=1e-5)
    assert appearance.pairs(photo, records[:1], (240, 240), (240, 240)) == ()
