import io
import zipfile
from pathlib import Path

import pytest

from embeddings.errors import WeightsError
from embeddings.models.backbones import BACKBONES
from embeddings.models.weights import WeightsFolders, WeightsLibrary


def archive(*names: str) -> bytes:
    """A ZIP archive with files of these names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, b"1")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\n<!doctype html><title>404</title>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
        (b"PK\x03\x04" + bytes(60), ".keras"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "a web page"),
        (archive("config.json", "metadata.json", "model.weights.h5"), "unzip it and take the model.weights.h5"),
        (archive("resnet50/data.pkl", "resnet50/data/0"), "a PyTorch file"),
        (archive("resnet50.h5"), "a ZIP archive: unpack it"),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j", "PyTorch"),
        (b"\x1f\x8b\x08\0" + bytes(60), "unpack it"),
        (b'\x40\0\0\0\0\0\0\0{"__metadata__"', "safetensors"),
        (b"404: Not Found\n", "the download went wrong"),
        (b"", "an empty file"),
        (b"\x93NUMPY\x01\0" + bytes(600), "another kind"),
    ],
)
def test_files_often_mistaken_for_weights_are_named_in_plain_words(tmp_path: Path, content: bytes, said: str) -> None:
    library = WeightsLibrary(WeightsFolders(tmp_path / "fetched", tmp_path / "added"))
    (tmp_path / "resnet.h5").write_bytes(content)
    with pytest.raises(WeightsError, match=said) as refusal:
        library.take(BACKBONES["ResNet50"], tmp_path / "resnet.h5", lambda path, digest: None)
    assert "HDF5" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("before", [0, 512, 2048])
def test_what_has_the_signature_of_weights_is_looked_at(tmp_path: Path, before: int) -> None:
    library = WeightsLibrary(WeightsFolders(tmp_path / "fetched", tmp_path / "added"))
    (tmp_path / "resnet.h5").write_bytes(bytes(before) + b"\x89HDF\r\n\x1a\n")
    library.take(BACKBONES["ResNet50"], tmp_path / "resnet.h5", lambda path, digest: None)
