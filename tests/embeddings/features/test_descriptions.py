import numpy as np
import pytest

from embeddings.features.describing import prepared_packshot
from embeddings.features.descriptions import features_in, packed, patches_in, record_type
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import BACKBONES
from embeddings.models.runtime import Encoder


@pytest.mark.parametrize("name", [name for name, backbone in BACKBONES.items() if backbone.is_bundled])
def test_patches_and_local_features_take_at_most_64_kib_a_product(name: str) -> None:
    backbone = BACKBONES[name]
    assert record_type(backbone).itemsize - 4 * backbone.dim <= 64 * 1024


def test_patches_come_back_nearly_as_they_were(photographs: dict[str, RGB], encoder: Encoder) -> None:
    image, features = prepared_packshot(photographs["coffee"], encoder.backbone.input_side)
    description = encoder.describe([image])[0]
    record = packed(encoder.backbone, "a" * 64, description, features)
    lengths = np.linalg.norm(description.patches, axis=1)
    read = patches_in(record[np.newaxis])
    cosines = np.einsum("pd,pd->p", read.directions[0], description.patches / lengths[:, np.newaxis])
    assert cosines.min() > 0.999
    np.testing.assert_allclose(read.weights[0], lengths / lengths.sum(), rtol=0.01)
    np.testing.assert_array_equal(features_in(record).descriptors, features.descriptors)
    np.testing.assert_allclose(features_in(record).points, features.points, atol=1e-3)
