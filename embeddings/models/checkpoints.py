"""PyTorch's legacy checkpoint format, read without PyTorch.

Such a file is a series of pickles (magic number, protocol, system, the state dict without its storages, the storages'
keys) followed by each storage's raw bytes, as `torch.save` wrote it before version 1.6 (`torch/serialization.py`,
`_legacy_save`). The unpickler here can build an OrderedDict of tensors and nothing else, so a hostile file cannot run
code.
"""

import os
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from embeddings.errors import InstallRequirements, WeightsError

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL_VERSION = 1001
_STORAGE_DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8"}


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    num_elements: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(storage: _Storage, offset: int, shape: Any, strides: Any, *_: Any) -> _Tensor:
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


class _TensorUnpickler(pickle.Unpickler):
    """Builds ordered dictionaries of tensor descriptions; refuses every other global."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _STORAGE_DTYPES:
            return np.dtype(_STORAGE_DTYPES[name])
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _location, num_elements, view = pid
        if kind != "storage" or view is not None or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError("it holds something other than plain storages")
        return _Storage(str(key), dtype, int(num_elements))


def read_checkpoint(path: Path) -> dict[str, NDArray[Any]]:
    """Read the tensors of a legacy PyTorch state dict, by name, each with its shape and dtype.

    Raises WeightsError if the file is not such a checkpoint, is truncated, or contains anything but tensors; nothing in
    it is executed.
    """
    try:
        with path.open("rb") as file:
            return _read_state_dict(file)
    except FileNotFoundError:
        raise WeightsError(
            f"Expected a checkpoint at {path}, found nothing.", remedies=(InstallRequirements(),)
        ) from None
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OverflowError,
        MemoryError,  # for a length that no file has
    ) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise WeightsError(
            f"Expected a PyTorch checkpoint of tensors only in {path.name}, got something else ({reason}): "
            "use the file that its package ships."
        ) from None


def _read_state_dict(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    if (_TensorUnpickler(file).load(), _TensorUnpickler(file).load()) != (_MAGIC_NUMBER, _PROTOCOL_VERSION):
        raise pickle.UnpicklingError("its magic number is another")
    _TensorUnpickler(file).load()  # the writing system's sizes and byte order
    tensors: dict[str, _Tensor] = _TensorUnpickler(file).load()
    keys: list[str] = _TensorUnpickler(file).load()
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    data = {key: _read_storage(file, storages[key]) for key in keys}
    return {name: _view(data[tensor.storage.key], tensor) for name, tensor in tensors.items()}


def _read_storage(file: IO[bytes], storage: _Storage) -> NDArray[Any]:
    num_elements = int.from_bytes(file.read(8), "little")
    if num_elements != storage.num_elements:
        raise ValueError("a storage's length is not what was announced")
    num_bytes = num_elements * storage.dtype.itemsize
    if num_bytes > os.fstat(file.fileno()).st_size - file.tell():
        raise ValueError("the file is cut short")
    return np.frombuffer(file.read(num_bytes), storage.dtype)


def _view(data: NDArray[Any], tensor: _Tensor) -> NDArray[Any]:
    """The tensor as a separate array; strides are PyTorch's, counted in elements."""
    last = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.strides, strict=True))
    if min((tensor.offset, *tensor.shape, *tensor.strides)) < 0 or tensor.offset + last >= len(data):
        raise ValueError("a tensor does not lie within its storage")
    strides = [stride * data.itemsize for stride in tensor.strides]
    return as_strided(data[tensor.offset :], tensor.shape, strides, writeable=False).copy()
