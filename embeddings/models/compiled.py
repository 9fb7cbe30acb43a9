"""Compiled networks on disk: built once, in a child process, and stored under a hash of everything they depend on."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from embeddings.errors import NetworkError, WeightsError
from embeddings.models.backbones import Backbone, backbone_named
from embeddings.versions import library_version

NETWORK_FILE = "network.xml"
_CHECKSUMS = "checksums.json"
KNOWN_FAILURE = 3  # a child's exit status if the weights do not fit
KERAS_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}  # of a child: quiet, without a GPU

RESIZE_RECIPE = "240x240 bicubic, then the input side bicubic"


@dataclass(frozen=True)
class NetworkIdentity:
    """Everything that determines a vector: vectors of different identities must not be compared.

    The precision is not part of it; neither are library versions.
    """

    backbone: str
    weights_sha256: str
    preprocessing: str
    pictures: str = RESIZE_RECIPE


def identify_network(backbone: Backbone, weights_sha256: str) -> NetworkIdentity:
    """Identify the backbone's network with these weights."""
    return NetworkIdentity(backbone.name, weights_sha256, backbone.preprocessing)


def compiled_network(backbone: Backbone, weights: Path, identity: NetworkIdentity, folder: Path) -> Path:
    """The backbone's OpenVINO file below `folder`; compiled there first if it is missing or incomplete.

    Compiling takes 5 to 30 s, once; a second process that asks meanwhile waits for the first. Raises WeightsError if
    the weights do not fit the network, NetworkError for other failures.
    """
    target = folder / f"{backbone.name}-{_build_key(identity)}"
    if not _is_whole(target):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{backbone.name}.lock"):
            if not _is_whole(target):
                for left_over in (target, *folder.glob(f"{_unfinished(backbone)}*")):  # of a killed process
                    shutil.rmtree(left_over, ignore_errors=True)
                _compile(backbone, weights, target)
    return target / NETWORK_FILE


def _is_whole(target: Path) -> bool:
    """Whether a compiled network exists and is unchanged."""
    try:
        noted = json.loads((target / _CHECKSUMS).read_bytes())
        return bool(noted == _checksums(target))
    except (OSError, ValueError):
        return False


def _checksums(target: Path) -> dict[str, str]:
    """The SHA-256 of the network's two files, by name."""
    names = (NETWORK_FILE, Path(NETWORK_FILE).with_suffix(".bin").name)
    return {name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in names}


def _build_key(identity: NetworkIdentity) -> str:
    """A hash of everything that the compiled file depends on: weights, outputs, code and library versions."""
    code = sorted(Path(__file__).parent.joinpath("keras_networks").glob("*.py"))
    parts = [
        repr(identity),
        backbone_named(identity.backbone).patch_layer,
        *(f"{library} {library_version(library)}" for library in ("keras", "tensorflow", "openvino")),
    ]
    parts += [path.read_text() for path in code]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _unfinished(backbone: Backbone) -> str:
    """The name prefix of the folders in which the backbone is compiled, by the holder of its lock."""
    return f".compiling-{backbone.name}-"


def _compile(backbone: Backbone, weights: Path, target: Path) -> None:
    with TemporaryDirectory(dir=target.parent, prefix=_unfinished(backbone)) as temporary:
        built = Path(temporary) / "network"
        _build_in_child(backbone, weights, built)
        (built / _CHECKSUMS).write_text(json.dumps(_checksums(built)))
        built.rename(target)


def _build_in_child(backbone: Backbone, weights: Path, built: Path) -> None:
    module = "embeddings.models.keras_networks.compile"
    result = subprocess.run(
        [sys.executable, "-m", module, backbone.name, str(weights.resolve()), str(built.resolve())],
        cwd=Path(__file__).parents[2],
        env=os.environ | KERAS_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    reason = (result.stderr.strip().splitlines() or [f"exit status {result.returncode}"])[-1]
    if result.returncode == KNOWN_FAILURE:
        raise WeightsError(reason)
    if result.returncode != 0:
        raise NetworkError(f"Expected {backbone.name} to compile, but it did not: {reason}")
