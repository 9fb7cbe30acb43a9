"""The registry compared with Keras: where Keras gets its weights. What it builds is in `test_keras_backbones.py`."""

from collections.abc import Callable
from typing import Any

import keras
import pytest

from embeddings.models.backbones import BACKBONES, Backbone

pytestmark = pytest.mark.keras

STUDY = [backbone for backbone in BACKBONES.values() if backbone.in_study]
OF_KERAS = [backbone for backbone in BACKBONES.values() if not backbone.is_bundled]


class AskedError(Exception):
    """Carries what Keras would have downloaded."""

    def __init__(self, name: str, origin: str, file_hash: str) -> None:
        super().__init__(name, origin, file_hash)
        self.asked = (name, origin, file_hash)


@pytest.fixture
def keras_asks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Backbone], tuple[str, str, str]]:
    """Build a network with Keras' own weights, up to the download: its file's name, address and MD5."""

    def get_file(fname: str, origin: str, file_hash: str = "", **_: Any) -> None:
        raise AskedError(fname, origin, file_hash)

    def ask(backbone: Backbone) -> tuple[str, str, str]:
        monkeypatch.setattr(keras.src.utils.file_utils, "get_file", get_file)
        with pytest.raises(AskedError) as caught:
            shape = (backbone.input_side, backbone.input_side, 3)
            getattr(keras.applications, backbone.name)(include_top=False, weights="imagenet", input_shape=shape)
        return caught.value.asked

    return ask


@pytest.mark.parametrize("backbone", OF_KERAS, ids=lambda backbone: backbone.name)
def test_the_weights_are_those_that_keras_would_fetch(
    backbone: Backbone, keras_asks: Callable[[Backbone], tuple[str, str, str]]
) -> None:
    name, origin, file_hash = keras_asks(backbone)
    assert (backbone.keras_cache_file, backbone.weights_url) == (name, origin)
    assert backbone.weights_hash == (f"md5:{file_hash}" if file_hash else "")
    assert backbone.weights_url.endswith(f"/{backbone.weights_file}")


def test_the_eight_of_the_study_come_first() -> None:
    names = ["ResNet50", "VGG19", "VGG16", "InceptionV3", "NASNetMobile", "MobileNet", "MobileNetV2", "Xception"]
    assert [backbone.name for backbone in STUDY] == names == list(BACKBONES)[:8]
