"""Lance, the engine of shared stores, and what of its errors is the machine's, the network's, or damage."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from embeddings.errors import VectorsError
from embeddings.features.address_refusals import refusal_of
from embeddings.features.store import Matrix, damaged

LANCES = (OSError, ValueError, RuntimeError)
"""What it raises."""

_TRIES, _TRY_SECONDS = 50, 0.05  # of two who change a dataset at the same moment one begins anew
_REFUSALS = ("No space left", "File too large", "Permission denied", "Connection refused")


def engine() -> Any:
    """The engine. Raises VectorsError where it is not installed."""
    try:
        os.environ.setdefault("LANCE_LOG", "error")
        os.environ.setdefault("AWS_ALLOW_HTTP", "true")  # whether it is http, AWS_ENDPOINT_URL says
        import lance  # noqa: PLC0415  # half a second, and 60 MB
    except ImportError:
        raise VectorsError("Expected Lance, which RECSYS_CACHE needs, found none: run make setup-cluster.") from None
    return lance


@contextmanager
def refusals_named(path: object) -> Iterator[None]:
    """Tell what the machine or the network refuses (OSError) from what is damaged at a path (VectorsError)."""
    try:
        yield
    except BaseException as error:
        is_lances = isinstance(error, OSError | ValueError | LookupError | RuntimeError | pa.ArrowException)
        if not is_lances and type(error).__name__ != "PanicException":  # what Rust could not go on with
            raise
        if refusal := refusal_of(path, error):
            raise refusal from None
        reason = str(error).split(", /home/")[0].splitlines()[0]
        if getattr(error, "errno", None) is not None or any(text in reason for text in _REFUSALS):
            raise OSError(getattr(error, "errno", None), reason) from None
        raise damaged(path, reason) from None


def opened(uri: str, version: int | None = None) -> Any:
    """A dataset as it is now, or as that version of it was; None where there is none."""
    with refusals_named(place_of(uri)):
        try:
            return engine().dataset(uri, version=version)
        except ValueError as error:
            if "was not found" in str(error):
                return None
            raise


def change(uri: str, do: Callable[[], object]) -> None:
    """Change a dataset; begin anew where somebody else changes the same at the same moment."""
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
    """The address that a dataset is in."""
    return uri.rpartition("/")[0]


def is_conflict(error: Exception) -> bool:
    """Whether somebody else changed the same at the same moment."""
    return "conflict" in str(error).lower() or "already exists" in str(error)


def as_matrix(vectors: Any, dim: int) -> Matrix:
    """A column of vectors: (n, dim)."""
    chunks = vectors.chunks if isinstance(vectors, pa.ChunkedArray) else [vectors]
    parts = [chunk.flatten().to_numpy(zero_copy_only=False).reshape(-1, dim) for chunk in chunks]
    return np.concatenate(parts) if parts else np.empty((0, dim), np.float32)
