"""Where a backbone's weights are, and whether they are what they should be."""

import hashlib
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from embeddings.backbones import Backbone
from embeddings.errors import WeightsError


class WeightsState(StrEnum):
    """What can be said of a backbone's weights without reading them."""

    BUNDLED = "bundled"
    FETCHABLE = "to be fetched"
    BROKEN = "broken"


def weights_state(backbone: Backbone) -> WeightsState:
    """Tell whether the backbone's weights are on this machine."""
    if not backbone.is_bundled:
        return WeightsState.FETCHABLE
    return WeightsState.BUNDLED if _bundled_path(backbone).is_file() else WeightsState.BROKEN


def weights_path(backbone: Backbone) -> Path:
    """Where the backbone's weights file is.

    Raises WeightsError, with what to do, when it is not on this machine.
    """
    state = weights_state(backbone)
    if state is WeightsState.FETCHABLE:
        raise WeightsError(
            f"Expected the weights of {backbone.name} ({backbone.weights_file}), which are not on this machine: "
            "use EfficientNetLite0, which is bundled."
        )
    if state is WeightsState.BROKEN:
        raise WeightsError(
            f"Expected {backbone.weights_file} from the package {backbone.package}, found none: "
            "install the requirements again with `make setup`."
        )
    return _bundled_path(backbone)


def weights_digest(backbone: Backbone, path: Path) -> str:
    """The SHA-256 of a weights file, in hex, after it was held against the registry's hash.

    Raises WeightsError when the registry pins another.
    """
    content = path.read_bytes()
    algorithm, _, expected = backbone.weights_hash.partition(":")
    if expected and (received := hashlib.new(algorithm, content).hexdigest()) != expected:
        raise WeightsError(
            f"Expected the weights of {backbone.name} with {algorithm} {expected}, got {received}: "
            "the file is damaged or another; install the requirements again with `make setup`."
        )
    return hashlib.sha256(content).hexdigest()


def _bundled_path(backbone: Backbone) -> Path:
    """The weights file inside its package, which is looked up but never imported."""
    spec = find_spec(backbone.package)
    folder = Path(spec.origin).parent if spec and spec.origin else Path(backbone.package)
    return folder / "models" / backbone.weights_file
