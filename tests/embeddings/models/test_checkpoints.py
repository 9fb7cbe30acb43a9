import io
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import WeightsError
from embeddings.models.backbones import Backbone
from embeddings.models.checkpoints import read_checkpoint
from embeddings.models.weights import WeightsLibrary


def legacy_file(path: Path, values: np.ndarray, *, strides: tuple[int, ...], shape: tuple[int, ...]) -> Path:
    """Write one tensor `w` byte by byte in PyTorch's legacy format; protocol 0, so readable."""
    prefix = b"(dS'w'\nctorch._utils\n_rebuild_tensor_v2\n"
    storage = f"((S'storage'\nctorch\nFloatStorage\nS'k'\nS'cpu'\nI{values.size}\nNtQ".encode()
    numbers = b"I0\n" + b"(" + b"".join(b"I%d\n" % size for size in shape) + b"t"
    numbers += b"(" + b"".join(b"I%d\n" % stride for stride in strides) + b"t" + b"I00\nNtRs."
    head = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {})]
    data = len(values.ravel()).to_bytes(8, "little") + values.astype("<f4").tobytes()
    path.write_bytes(b"".join(head) + prefix + storage + numbers + pickle.dumps(["k"], 2) + data)
    return path


def test_a_tensor_is_read_with_its_shape_and_strides(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32)
    path = legacy_file(tmp_path / "w.pth", values, shape=(3, 2), strides=(1, 3))
    np.testing.assert_array_equal(read_checkpoint(path)["w"], values.reshape(2, 3).T)


def test_a_tensor_outside_its_storage_is_refused(tmp_path: Path) -> None:
    path = legacy_file(tmp_path / "w.pth", np.arange(6), shape=(3, 3), strides=(3, 1))
    with pytest.raises(WeightsError, match="does not lie within"):
        read_checkpoint(path)


def test_the_bundled_checkpoint_holds_the_stem_and_the_head(bundled: Backbone, library: WeightsLibrary) -> None:
    tensors = read_checkpoint(library.file(bundled).path)
    assert tensors["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert tensors["_fc.weight"].shape == (1000, 1280)
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())


@pytest.mark.parametrize("module, name", [("os", "system"), ("builtins", "eval"), ("torch", "load"), ("numpy", "load")])
def test_a_checkpoint_that_names_other_code_is_refused_and_not_run(tmp_path: Path, module: str, name: str) -> None:
    marker = tmp_path / "ran"
    head = b"".join(pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {}))
    hostile = tmp_path / "hostile.pth"
    hostile.write_bytes(head + f"c{module}\n{name}\n(S'touch {marker}'\ntR.".encode())
    with pytest.raises(WeightsError, match=f"it asks for {module}.{name}"):
        read_checkpoint(hostile)
    assert not marker.exists()


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.3, 0.999])
def test_a_checkpoint_cut_short_is_refused(
    tmp_path: Path, bundled: Backbone, share: float, library: WeightsLibrary
) -> None:
    content = library.file(bundled).path.read_bytes()
    (tmp_path / "cut.pth").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(WeightsError, match=r"Expected a PyTorch checkpoint of tensors only in cut\.pth"):
        read_checkpoint(tmp_path / "cut.pth")


def test_a_pickle_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pickle.dump(OrderedDict(w=1), buffer, 2)
    (tmp_path / "other.pth").write_bytes(buffer.getvalue())
    with pytest.raises(WeightsError, match="Expected a PyTorch checkpoint"):
        read_checkpoint(tmp_path / "other.pth")
