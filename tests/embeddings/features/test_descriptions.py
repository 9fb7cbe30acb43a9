from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import VectorsError
from embeddings.features.describing import prepared_packshot
from embeddings.features.descriptions import (
    DescriptionFile,
    Records,
    appending,
    features_in,
    packed,
    patches_in,
    record_type,
)
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import BACKBONES, Backbone
from embeddings.models.runtime import Encoder

KEYS = [letter * 64 for letter in "abc"]


@pytest.fixture(scope="module")
def records(photographs: dict[str, RGB], encoder: Encoder) -> list[Records]:
    """Three photographs, described as packshots."""
    made = []
    for key, photo in zip(KEYS, photographs.values(), strict=False):
        image, features = prepared_packshot(photo, encoder.backbone.input_side)
        made.append(packed(encoder.backbone, key, encoder.describe([image])[0], features))
    return made


@pytest.fixture
def path(tmp_path: Path, records: list[Records], bundled: Backbone) -> Path:
    """A file of those three."""
    with appending(tmp_path / "records.bin", bundled, set(KEYS)) as file:
        for record in records:
            file.write(record.tobytes())
    return tmp_path / "records.bin"


@pytest.mark.parametrize("name", [name for name, backbone in BACKBONES.items() if backbone.has_patches])
def test_patches_and_local_features_take_at_most_64_kib_a_product(name: str) -> None:
    backbone = BACKBONES[name]
    assert record_type(backbone).itemsize - 4 * backbone.dim <= 64 * 1024


def test_patches_come_back_nearly_as_they_were(photographs: dict[str, RGB], encoder: Encoder) -> None:
    image, features = prepared_packshot(photographs["coffee"], encoder.backbone.input_side)
    description = encoder.describe([image])[0]
    record = packed(encoder.backbone, KEYS[0], description, features)
    lengths = np.linalg.norm(description.patches, axis=1)
    read = patches_in(record[np.newaxis])
    cosines = np.einsum("pd,pd->p", read.directions[0], description.patches / lengths[:, np.newaxis])
    assert cosines.min() > 0.999
    np.testing.assert_allclose(read.weights[0], lengths / lengths.sum(), rtol=0.01)
    np.testing.assert_array_equal(features_in(record).descriptors, features.descriptors)
    np.testing.assert_allclose(features_in(record).points, features.points, atol=1e-3)


def test_a_record_is_found_by_its_pictures_key(path: Path, bundled: Backbone) -> None:
    file = DescriptionFile(path, bundled)
    assert file.read(file.places([KEYS[2], KEYS[0]]))["key"].tolist() == [KEYS[2].encode(), KEYS[0].encode()]


def test_a_picture_that_is_not_described_is_counted(path: Path, bundled: Backbone) -> None:
    with pytest.raises(VectorsError, match=r"some pictures \(1\) are not described"):
        DescriptionFile(path, bundled).places([KEYS[0], "d" * 64])


def test_a_damaged_record_is_not_read(path: Path, bundled: Backbone) -> None:
    size = record_type(bundled).itemsize
    content = bytearray(path.read_bytes())
    content[size + 6000] ^= 1
    path.write_bytes(content)
    file = DescriptionFile(path, bundled)
    assert file.intact(set(KEYS)) == [0, 2]
    with pytest.raises(VectorsError, match="is damaged"):
        file.read(file.places([KEYS[1]]))


def test_a_torn_record_is_dropped_before_more_are_appended(
    path: Path, records: list[Records], bundled: Backbone
) -> None:
    size = record_type(bundled).itemsize
    path.write_bytes(path.read_bytes()[: 2 * size + 1000])
    with appending(path, bundled, set(KEYS)) as file:
        file.write(records[2].tobytes())
    file_now = DescriptionFile(path, bundled)
    assert file_now.intact(set(KEYS)) == [0, 1, 2]
    assert path.stat().st_size == 3 * size


def test_pictures_that_the_catalogue_lost_are_dropped(path: Path, bundled: Backbone) -> None:
    with appending(path, bundled, {KEYS[1]}):
        pass
    assert DescriptionFile(path, bundled).keys() == [KEYS[1]]
