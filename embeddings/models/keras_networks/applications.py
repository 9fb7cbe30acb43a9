"""Backbones of `keras.applications`: without the prediction layer, with weights from a local file."""

import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from embeddings.errors import WeightsError
from embeddings.models.backbones import BACKBONES, Backbone

_RESNET50_LAYER = re.compile(r"conv(\d)_block(\d)_(\d)_(conv|bn)")
_RESNET50_BRANCHES = {"0": "1", "1": "2a", "2": "2b", "3": "2c"}

if sys.platform == "linux":
    import resource

# The errors of Keras, h5py and numpy for damaged or hostile files.
_READING_FAILURES = (
    OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RuntimeError, MemoryError, OverflowError,
)  # fmt: skip

# Only a damaged file needs more memory than this, besides copies of the file.
_READING_BYTES, _COPIES = 400 * 2**20, 4


def build_application(backbone: Backbone) -> keras.Model:
    """Build the network without weights: preprocessed pixels (n, side, side, 3) to feature maps (n, h, w, dim)."""
    side = backbone.input_side
    build: Callable[..., keras.Model] = getattr(keras.applications, backbone.name)
    return build(include_top=False, weights=None, input_shape=(side, side, 3))


def load_weights_file(network: keras.Model, name: str, path: Path) -> None:
    """Set every layer of `network`, known to users as `name`, to the weights of a Keras file.

    The file is an `.h5` without top, or a `.weights.h5`; for ResNet50 also one with the layer names of Keras before
    2.2.5, in which the same weights are published.

    Only arrays are read, into a network of our own: a model in the file is never built. Raises WeightsError if the file
    is neither, or does not fit every layer.
    """
    for layer in network.layers:  # a weight that the file does not set stays NaN, which is detected below
        layer.set_weights([np.full(weight.shape, np.nan) for weight in layer.weights])
    layer_names = _layer_names(path)
    try:
        with _memory_bounded(_READING_BYTES + _COPIES * path.stat().st_size):
            if name == "ResNet50" and "res2a_branch2a" in layer_names:
                _load_older_resnet50(network, path)
            else:
                _load_by_keras(network, path, ".h5" if layer_names else ".weights.h5")
    except _READING_FAILURES as error:
        raise WeightsError(_does_not_fit(name, str(error))) from None
    if any(np.isnan(weight).any() for layer in network.layers for weight in layer.get_weights()):
        raise WeightsError(_does_not_fit(name, "some layers get no weights, or weights that are no numbers"))


@contextmanager
def _memory_bounded(num_bytes: int) -> Iterator[None]:
    """Limit this process's additional memory within the block; only Linux enforces it."""
    if sys.platform != "linux":
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    taken = 1024 * int(status.partition("VmData:")[2].split()[0])
    resource.setrlimit(resource.RLIMIT_DATA, (taken + num_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def older_resnet50_name(layer: str) -> str:
    """The name of a ResNet50 layer before Keras 2.2.5: `conv2_block1_0_bn` was `bn2a_branch1`."""
    if layer in {"conv1_conv", "conv1_bn"}:
        return "conv1" if layer == "conv1_conv" else "bn_conv1"
    found = _RESNET50_LAYER.fullmatch(layer)
    if found is None:
        return layer
    stage, block, branch, kind = found.groups()
    letter = "abcdef"[int(block) - 1]
    return f"{'res' if kind == 'conv' else 'bn'}{stage}{letter}_branch{_RESNET50_BRANCHES[branch]}"


def _load_older_resnet50(network: keras.Model, path: Path) -> None:
    """Set every layer's weights by its older name; a prediction layer in the file is ignored.

    Strides are unchanged, and a layer's arrays are in the same order.
    """
    with h5py.File(path, "r") as file:
        groups: Any = file.get("model_weights", file)
        for layer in (layer for layer in network.layers if layer.weights):
            group = groups[older_resnet50_name(layer.name)]
            layer.set_weights([group[weight][()] for weight in group.attrs["weight_names"]])


def _load_by_keras(network: keras.Model, path: Path, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about layers without weights, which are found later
        link = Path(folder) / f"weights{suffix}"  # Keras recognises the format by the name
        link.symlink_to(path.resolve())
        network.load_weights(link)


def _layer_names(path: Path) -> tuple[str, ...]:
    """The layers listed in a file of Keras' older format; empty for the newer one. Raises WeightsError."""
    try:
        with h5py.File(path, "r") as file:
            group: Any = file.get("model_weights", file)
            return tuple(
                name if isinstance(name, str) else name.decode() for name in group.attrs.get("layer_names", ())
            )
    except _READING_FAILURES:
        raise WeightsError(
            "Expected a whole file of Keras' weights, got one that is damaged or incomplete: download it again."
        ) from None


def _does_not_fit(name: str, reason: str) -> str:
    first = (reason.strip().splitlines() or ["unknown"])[0][:200]
    return (
        f"Expected Keras' weights of {name} without its prediction layer, but this file's do not fit {name} ({first}): "
        f"use Keras' own {BACKBONES[name].weights_file}, or a file that was saved from the same network."
    )
