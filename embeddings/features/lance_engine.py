"""Lance, the engine of shared stores, and which of its errors are the machine's, the network's, or damage."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from embeddings.errors import InstallCluster, VectorsError
from embeddings.features.address_refusals import refusal_of
from embeddings.features.store import Matrix, damaged

LANCES = (OSError, ValueError, RuntimeError)
"""The errors that Lance raises."""

_TRIES, _TRY_SECONDS = 50, 0.05  # of two simultaneous changes, one has to be repeated
_REFUSALS = ("No space left", "File too large", "Permission denied", "Connection refused")


def engine() -> Any:
    """The Lance module. Raises VectorsError if it is not installed."""
    try:
        os.environ.setdefault("LANCE_LOG", "error")
        os.environ.setdefault("AWS_ALLOW_HTTP", "true")  # AWS_ENDPOINT_URL decides whether it is http
        import lance  # noqa: PLC0415  # takes half a second, and 60 MB
    except ImportError:
        raise VectorsError(
            "Expected Lance, the engine of shared stores, found none.", remedies=(InstallCluster(),)
        ) from None
    return lance


@contextmanager
def refusals_named(path: object) -> Iterator[None]:
    """Raise refusals of the machine or the network as OSError, and damage at a path as VectorsError."""
    try:
        yield
    except BaseException as error:
        is_lances = isinstance(error, OSError | ValueError | LookupError | RuntimeError | pa.ArrowException)
        if not is_lances and type(error).__name__ != "PanicException":  # a panic in Rust
            raise
        if refusal := refusal_of(path, error):
            raise refusal from None
        reason = str(error).split(", /home/")[0].splitlines()[0]
        if getattr(error, "errno", None) is not None or any(text in reason for text in _REFUSALS):
            raise OSError(getattr(error, "errno", None), reason) from None
        raise damaged(path, reason) from None


def open_at(uri: str, version: int | None = None) -> Any:
    """Open a dataset in its current or an earlier version; None if there is none."""
    with refusals_named(place_of(uri)):
        try:
            return engine().dataset(uri, version=version)
        except ValueError as error:
            if "was not found" in str(error):
                return None
            raise


def change(uri: str, do: Callable[[], object]) -> None:
    """Change a dataset; repeat the change if another writer makes one at the same moment."""
    with refusals_named(place_of(uri)):
        for _ in range(_TRIES):
            try:
                do()
                return
            except LANCES as error:
                if not is_conflict(error):
                    raise
                time.sleep(_TRY_SECONDS)
        raise OSError(f"others keep changing {place_of(uri)}")


def place_of(uri: str) -> str:
    """The address that contains a dataset."""
    return uri.rpartition("/")[0]


def is_conflict(error: Exception) -> bool:
    """Whether another writer changed the same data at the same moment."""
    return "conflict" in str(error).lower() or "already exists" in str(error)


def as_matrix(vectors: Any, dim: int) -> Matrix:
    """A column of vectors: (n, dim)."""
    chunks = vectors.chunks if isinstance(vectors, pa.ChunkedArray) else [vectors]
    parts = [chunk.flatten().to_numpy(zero_copy_only=False).reshape(-1, dim) for chunk in chunks]
    return np.concatenate(parts) if parts else np.empty((0, dim), np.float32)
