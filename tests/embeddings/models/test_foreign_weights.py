from pathlib import Path

import pytest

from embeddings.errors import WeightsError
from embeddings.models.backbones import BACKBONES
from embeddings.models.weights import WeightsFolders, WeightsLibrary


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\n<!doctype html><title>404</title>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
        (b"PK\x03\x04" + bytes(60), ".keras"),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j", "PyTorch"),
    ],
)
def test_what_is_often_taken_for_weights_is_named_in_plain_words(tmp_path: Path, content: bytes, said: str) -> None:
    library = WeightsLibrary(WeightsFolders(tmp_path / "fetched", tmp_path / "added"))
    (tmp_path / "resnet.h5").write_bytes(content)
    with pytest.raises(WeightsError, match=said) as refusal:
        library.take(BACKBONES["ResNet50"], tmp_path / "resnet.h5", lambda path, digest: None)
    assert "HDF5" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
