"""What the server of a bucket refuses, as a real one does."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import AddressError
from embeddings.features.addressed_files import AddressedFiles
from embeddings.features.lance_store import LanceStore

TYPE = np.dtype([("key", "S64"), ("vector", "<f4", (8,))])
ASKING: dict[str, Callable[[str, Path], object]] = {
    "rows": lambda address, folder: LanceStore(address, folder, TYPE).version(),
    "files": lambda address, _folder: AddressedFiles(address).send(BytesIO(b"a file"), "file"),
}


@pytest.fixture(params=ASKING)
def asked(request: pytest.FixtureRequest, bucket: str, tmp_path: Path) -> Callable[[str], object]:
    """Asks the server of an address, by each library that does."""
    ask = ASKING[request.param]
    return lambda address: ask(address, tmp_path)


def test_a_bucket_that_is_not_there_is_named(asked: Callable[[str], object]) -> None:
    with pytest.raises(AddressError, match=r"^Expected s3://other/shop to answer, but there is no such bucket: make"):
        asked("s3://other/shop")


def test_a_server_that_does_not_answer_is_named(
    asked: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(AddressError, match=r"^Expected s3://kalcare/shop to answer, but no server answers: start it"):
        asked("s3://kalcare/shop")
