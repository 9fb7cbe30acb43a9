import numpy as np

from embeddings.features.describing import PhotoDescription
from embeddings.features.descriptions import patches_of
from embeddings.imaging.local_features import LocalFeatures
from recsys.search.refined.appearance import WholeAppearance


def test_without_patches_pictures_are_as_alike_as_their_vectors_seen_from_the_mean() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(7, 12)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    records = np.zeros(6, [("vector", "<f4", (12,))])
    records["vector"] = vectors[1:]
    nothing = LocalFeatures(np.empty((0, 2), np.float32), np.empty((0, 128), np.uint8))
    photo = PhotoDescription(vectors[0], patches_of(np.empty((2, 0, 0), np.float32)), nothing)
    mean = vectors[1:].mean(axis=0)
    expected = [
        np.dot(vectors[0] - mean, other - mean) / np.linalg.norm(vectors[0] - mean) / np.linalg.norm(other - mean)
        for other in vectors[1:]
    ]
    appearance = WholeAppearance(mean)
    np.testing.assert_allclose(appearance.likeness(photo, records), expected, rtol=1e-5)
    assert appearance.pairs(photo, records[:1], (240, 240), (240, 240)) == ()
