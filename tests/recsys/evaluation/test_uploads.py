"""Files arriving from a browser: limited, complete before they are read, and deleted afterwards."""

import os
import time
from pathlib import Path

import pytest

from recsys.errors import PhotoSetError
from recsys.evaluation.uploads import (
    MAX_PHOTOS,
    MAX_SET_BYTES,
    PIECE_BYTES,
    SentFile,
    Upload,
    begin_upload,
    discard_measured,
    find_upload,
    uploads_folder,
)

SET = (SentFile("queries.csv", 4), SentFile("a.jpg", 6))


def test_pieces_make_the_whole_and_only_the_whole_is_found(tmp_path: Path) -> None:
    upload = begin_upload(tmp_path, SET)
    upload.add(0, b"phot")
    assert not upload.is_whole
    with pytest.raises(PhotoSetError, match="not sent completely"):
        find_upload(tmp_path, upload.token)
    upload.add(4, b"000000")
    found = find_upload(tmp_path, upload.token)
    assert (found.content.read_bytes(), found.files) == (b"phot000000", SET)
    found.discard()
    assert not any(uploads_folder(tmp_path).iterdir())


def test_a_piece_that_came_before_or_too_early_is_left_out(tmp_path: Path) -> None:
    upload = begin_upload(tmp_path, SET)
    for offset, piece in ((2, b"late"), (0, b"phot"), (0, b"phot"), (9, b"0")):
        upload.add(offset, piece)
    assert upload.content.read_bytes() == b"phot"


def test_more_than_was_announced_is_refused(tmp_path: Path) -> None:
    upload = begin_upload(tmp_path, SET)
    with pytest.raises(PhotoSetError, match="larger than expected"):
        upload.add(0, bytes(11))
    large = begin_upload(tmp_path, [SentFile("photos.zip", MAX_SET_BYTES)])
    with pytest.raises(PhotoSetError, match="larger than expected"):
        large.add(0, bytes(PIECE_BYTES + 1))
    assert (upload.received, large.received) == (0, 0)


@pytest.mark.parametrize(
    "files",
    [
        [],
        [SentFile("photo.jpg", 5)],
        [SentFile("queries.csv", 5)],
        [SentFile("a.zip", 5), SentFile("b.zip", 5)],
        [SentFile("a.csv", 5), SentFile("b.csv", 5)],
        [SentFile("a.zip", -5)],
        [SentFile("a" * 300 + ".zip", 5)],
        [SentFile("photos.zip", MAX_SET_BYTES + 1)],
        [SentFile("queries.csv", 5), *[SentFile("a.jpg", 5)] * (MAX_PHOTOS + 1)],
    ],
)
def test_what_is_no_set_of_photos_or_too_much_is_refused(tmp_path: Path, files: list[SentFile]) -> None:
    with pytest.raises(PhotoSetError, match="Choose"):
        begin_upload(tmp_path, files)
    assert not uploads_folder(tmp_path).exists()


@pytest.mark.parametrize("token", ["..", "../jobs", "a" * 32, ""])
def test_an_invalid_token_finds_nothing(tmp_path: Path, token: str) -> None:
    with pytest.raises(PhotoSetError, match="not sent completely"):
        find_upload(tmp_path, token)


def age(upload: Upload, seconds: float) -> None:
    for path in (upload.content, upload.folder):
        os.utime(path, (time.time() - seconds,) * 2)


def test_few_uploads_run_at_once_and_abandoned_ones_make_room(tmp_path: Path) -> None:
    uploads = [begin_upload(tmp_path, SET) for _ in range(3)]
    with pytest.raises(PhotoSetError, match="Other photos"):
        begin_upload(tmp_path, SET)
    uploads[1].add(0, bytes(10))
    for upload in uploads[:2]:  # the second is complete: measuring it may take hours
        age(upload, 7200)
    assert isinstance(begin_upload(tmp_path, SET), Upload)
    assert [upload.folder.exists() for upload in uploads] == [False, True, True]
    age(uploads[1], 90_000)
    begin_upload(tmp_path, SET)
    assert not uploads[1].folder.exists()


def test_leftovers_of_a_stopped_measurement_are_deleted_and_later_uploads_stay(tmp_path: Path) -> None:
    left, later, unfinished = (begin_upload(tmp_path, SET) for _ in range(3))
    ended = time.time() - 60
    for upload in (left, later):
        upload.add(0, bytes(10))
    for upload in (left, unfinished):
        os.utime(upload.content, (ended - 1, ended - 1))
    discard_measured(tmp_path, ended)
    assert [upload.folder.exists() for upload in (left, later, unfinished)] == [False, True, True]
