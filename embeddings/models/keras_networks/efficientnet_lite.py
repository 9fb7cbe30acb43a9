"""EfficientNet-Lite in Keras, with the weights of a PyTorch checkpoint.

The network is EfficientNet (Tan and Le 2019, arXiv:1905.11946, table 1) without squeeze-and-excite, with ReLU6 instead
of swish, and with stem, head, first and last stage unscaled (TensorFlow's EfficientNet-Lite, 2020).
"""

from collections.abc import Iterator
from math import ceil
from typing import Any, NamedTuple

import keras
from keras import layers
from numpy.typing import NDArray

from embeddings.errors import WeightsError

Tensors = dict[str, NDArray[Any]]


class _Stage(NamedTuple):
    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)
_SCALES = {"EfficientNetLite0": (1.0, 1.0), "EfficientNetLite1": (1.0, 1.1), "EfficientNetLite2": (1.1, 1.2)}


def efficientnet_lite(name: str, side: int, *, include_top: bool = False) -> keras.Model:
    """Build an EfficientNet-Lite without weights.

    Input (side, side, 3), already scaled to (x - 127) / 128; output the feature maps of 1,280 channels, or with
    `include_top` the logits of ImageNet's 1,000 classes. Layers have the checkpoint's names.
    """
    width, depth = _SCALES[name]
    inputs = keras.Input((side, side, 3))
    features = _convolve(inputs, 32, 3, "_conv_stem", "_bn0", strides=2)
    for index, (stage, stride) in enumerate(_blocks(depth)):
        features = _block(features, stage, stride, _round_filters(stage.filters, width), f"_blocks.{index}.")
    features = _convolve(features, 1280, 1, "_conv_head", "_bn1")
    if include_top:
        features = layers.GlobalAveragePooling2D()(features)
        features = layers.Dense(1000, name="_fc")(features)
    return keras.Model(inputs, features, name=name)


def _blocks(depth: float) -> Iterator[tuple[_Stage, int]]:
    """Every block's stage and stride; only a stage's first block strides, and the outer stages keep their depth."""
    for number, stage in enumerate(_STAGES):
        outer = number in (0, len(_STAGES) - 1)
        repeats = stage.repeats if outer else ceil(stage.repeats * depth)
        for repeat in range(repeats):
            yield stage, stage.stride if repeat == 0 else 1


def _round_filters(filters: int, width: float) -> int:
    """The scaled number of filters, a multiple of eight and at least nine tenths of the requested number."""
    scaled = filters * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


def _block(inputs: Any, stage: _Stage, stride: int, filters: int, prefix: str) -> Any:
    """An inverted residual: expand, convolve each channel, project, and add if the shapes allow it."""
    features = inputs
    if stage.expansion > 1:
        expanded = inputs.shape[-1] * stage.expansion
        features = _convolve(features, expanded, 1, f"{prefix}_expand_conv", f"{prefix}_bn0")
    features = layers.DepthwiseConv2D(stage.kernel, stride, "same", use_bias=False, name=f"{prefix}_depthwise_conv")(
        features
    )
    features = _normalise(features, f"{prefix}_bn1")
    features = layers.ReLU(6)(features)
    features = layers.Conv2D(filters, 1, use_bias=False, name=f"{prefix}_project_conv")(features)
    features = _normalise(features, f"{prefix}_bn2")
    return layers.Add()([inputs, features]) if inputs.shape == features.shape else features


def _convolve(inputs: Any, filters: int, kernel: int, conv: str, norm: str, *, strides: int = 1) -> Any:
    features = layers.Conv2D(filters, kernel, strides, "same", use_bias=False, name=conv)(inputs)
    return layers.ReLU(6)(_normalise(features, norm))


def _normalise(inputs: Any, name: str) -> Any:
    return layers.BatchNormalization(epsilon=1e-3, name=name)(inputs)


def load_tensors(network: keras.Model, tensors: Tensors) -> None:
    """Set every layer of `network` to the tensors of its name, in Keras' layout.

    Raises WeightsError if a tensor is missing or has another shape, so no layer keeps its random initial numbers.
    """
    for layer in network.layers:
        if layer.weights:
            values = _layer_values(layer, tensors)
            if [value.shape for value in values] != [weight.shape for weight in layer.weights]:
                raise WeightsError(f"Expected weights that fit {network.name}, but {layer.name} is of another shape.")
            layer.set_weights(values)


def _layer_values(layer: Any, tensors: Tensors) -> list[NDArray[Any]]:
    """The layer's tensors in Keras' order; PyTorch stores (out, in, height, width)."""
    try:
        if isinstance(layer, layers.BatchNormalization):
            return [tensors[f"{layer.name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
        weight = tensors[f"{layer.name}.weight"]
        if isinstance(layer, layers.Dense):
            return [weight.T, tensors[f"{layer.name}.bias"]]
        depthwise = isinstance(layer, layers.DepthwiseConv2D)
        return [weight.transpose(2, 3, 0, 1) if depthwise else weight.transpose(2, 3, 1, 0)]
    except (KeyError, ValueError):
        raise WeightsError(f"Expected weights that fit {layer.name}, but the checkpoint has none that do.") from None
