"""The study's eight backbones: `keras.applications` without the prediction layer, with weights from a local file."""

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
from embeddings.models.backbones import Backbone

if sys.platform == "linux":
    import resource

_BUILDERS: dict[str, Callable[..., keras.Model]] = {
    name: getattr(keras.applications, name)
    for name in (
        "ResNet50",
        "VGG19",
        "VGG16",
        "InceptionV3",
        "NASNetMobile",
        "MobileNet",
        "MobileNetV2",
        "Xception",
    )
}

# What Keras, h5py and numpy raise for damaged or hostile files.
_READING_FAILURES = (
    OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RuntimeError, MemoryError, OverflowError,
)  # fmt: skip

_READING_BYTES, _COPIES = (
    400 * 2**20,
    4,
)  # more memory than that, beside copies of the file, only a damaged one asks for


def build_application(backbone: Backbone) -> keras.Model:
    """Build the network without weights: preprocessed pixels (n, side, side, 3) to feature maps (n, h, w, dim)."""
    side = backbone.input_side
    return _BUILDERS[backbone.name](include_top=False, weights=None, input_shape=(side, side, 3))


def load_weights_file(network: keras.Model, name: str, path: Path) -> None:
    """Give every layer of `network`, that users know as `name`, the weights of a Keras file.

    The file is an `.h5` without top, or a `.weights.h5`.

    Only arrays are read, into a network of our own: a model that the file may hold is never built.
    Raises WeightsError when the file is neither, or does not fit every layer.
    """
    for layer in network.layers:  # a weight that the file does not set stays NaN, and is found below
        layer.set_weights([np.full(weight.shape, np.nan) for weight in layer.weights])
    try:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of layers without weights, which are found below
            link = Path(folder) / f"weights{_suffix(path)}"  # Keras tells the formats apart by the name
            link.symlink_to(path.resolve())
            with _memory_bounded(_READING_BYTES + _COPIES * path.stat().st_size):
                network.load_weights(link)
    except _READING_FAILURES as error:
        raise WeightsError(_does_not_fit(name, str(error))) from None
    if any(np.isnan(weight).any() for layer in network.layers for weight in layer.get_weights()):
        raise WeightsError(_does_not_fit(name, "some layers get no weights, or weights that are no numbers"))


@contextmanager
def _memory_bounded(num_bytes: int) -> Iterator[None]:
    """Let this process take at most so many bytes more in the block, where the system holds it to that: Linux."""
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


def _suffix(path: Path) -> str:
    """The ending by which Keras knows the file's format: the older one lists its layers' names."""
    with h5py.File(path, "r") as file:
        group: Any = file.get("model_weights", file)
        return ".h5" if "layer_names" in group.attrs else ".weights.h5"


def _does_not_fit(name: str, reason: str) -> str:
    first = (reason.strip().splitlines() or ["unknown"])[0][:200]
    return (
        f"Expected Keras weights without the prediction layer that fit {name}, but this file's do not ({first}): "
        "use the file that ends in notop.h5 or no_top.h5, or one saved from the same network."
    )
