"""Pictures named by a path relative to the CSV."""

import os
import unicodedata
from pathlib import Path

import pytest

from recsys.catalogue.local_files import PictureError, find_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "foto").mkdir(parents=True)
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return folder


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("foto/susu.jpg", "foto/susu.jpg"),
        ("foto/susu.jpg", "./foto/../foto/susu.jpg"),
        ("foto/susu.jpg", "foto\\susu.jpg"),
        ("foto/susu é.jpg", "foto/susu é.jpg"),
        ("foto/susu é.jpg", "foto/susu%20%C3%A9.jpg"),
        ("foto/susu%20.jpg", "foto/susu%20.jpg"),
        ("foto/100%.jpg", "foto/100%.jpg"),
        ("foto/Susu.JPG", "FOTO/susu.jpg"),
        (unicodedata.normalize("NFD", "foto/é.jpg"), unicodedata.normalize("NFC", "foto/é.jpg")),
        (unicodedata.normalize("NFC", "foto/é.jpg"), unicodedata.normalize("NFD", "foto/é.jpg")),
    ],
)
def test_a_picture_is_found_however_its_path_is_written(folder: Path, name: str, written: str) -> None:
    (folder / name).write_bytes(b"picture")
    assert find_file(folder, written).path == (folder / name).resolve()


def test_a_link_that_stays_inside_is_followed(folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"picture")
    (folder / "b.jpg").symlink_to("a.jpg")
    assert find_file(folder, "b.jpg").path.name == "a.jpg"


@pytest.mark.parametrize(
    "written",
    [
        "../secret.jpg",
        "foto/../../secret.jpg",
        "%2e%2e/secret.jpg",
        "..\\secret.jpg",
        "..%5Csecret.jpg",
        "link.jpg",
        "up/secret.jpg",
        "/etc/hostname",
        "//server/a.jpg",
        "\\\\server\\a.jpg",
        "C:\\a.jpg",
        "C:a.jpg",
        "%2Fetc/hostname",
        "foto",
        "fifo",
        "loop",
        "",
        "nowhere.jpg",
        "a%00b.jpg",
        "a" * 5000,
    ],
)
def test_nothing_else_is_ever_read(folder: Path, written: str) -> None:
    (folder / "link.jpg").symlink_to("../secret.jpg")
    (folder / "up").symlink_to("..")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "fifo")
    with pytest.raises(PictureError, match="Expected"):
        find_file(folder, written)


def test_a_path_outside_the_folder_is_reported(folder: Path) -> None:
    with pytest.raises(PictureError, match="outside it"):
        find_file(folder, "../secret.jpg")


def test_a_file_of_more_than_ten_megabytes_is_not_read(folder: Path) -> None:
    with (folder / "large.jpg").open("wb") as file:
        file.truncate(11_000_000)
    with pytest.raises(PictureError, match="at most 10 MB"):
        find_file(folder, "large.jpg")


def test_the_stamp_changes_with_the_file(folder: Path) -> None:
    path = folder / "a.jpg"
    path.write_bytes(b"one")
    os.utime(path, ns=(1, 1))
    before = find_file(folder, "a.jpg").stamp
    os.utime(path, ns=(2, 2))
    assert find_file(folder, "a.jpg").stamp != before
