import tomllib
from pathlib import Path

import pytest

from embeddings.errors import PhotoError
from embeddings.imaging.photos import MAX_PHOTO_BYTES
from recsys.feedback.sources import Source
from recsys.ui.photo.query_photos import read_query_photo
from recsys.ui.photo.upload_limit import MAX_UPLOAD_BYTES, MAX_UPLOAD_MEGABYTES

CONFIG = Path(__file__).parents[4] / ".streamlit" / "config.toml"


def test_streamlit_accepts_messages_as_large_as_a_photo() -> None:
    server = tomllib.loads(CONFIG.read_text())["server"]
    assert server["maxUploadSize"] == MAX_UPLOAD_MEGABYTES
    assert server["maxMessageSize"] >= MAX_UPLOAD_MEGABYTES * 4 / 3  # base64


def test_a_photo_that_is_too_large_is_refused_before_it_is_decoded() -> None:
    assert MAX_UPLOAD_BYTES <= MAX_PHOTO_BYTES
    with pytest.raises(PhotoError, match=f"at most {MAX_UPLOAD_MEGABYTES} MB"):
        read_query_photo(b"\xff" * (MAX_UPLOAD_BYTES + 1), origin=Source.UPLOAD)
