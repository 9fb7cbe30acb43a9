"""Unpacking what somebody sent: nothing outside its folder, nothing beyond its limits, each bad row listed."""

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from embeddings.imaging.photos import RGB, encode_jpeg
from recsys.errors import PhotoSetError
from recsys.evaluation.photo_sets import check_rows, inner_path, unpack, unpack_zip
from recsys.evaluation.uploads import SentFile, Upload, begin_upload

CSV = b"photo,product_id\nphotos/a.jpg,1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "set").mkdir()
    return tmp_path / "set"


def packed(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return path


def sent(cache: Path, files: Mapping[str, bytes]) -> Upload:
    upload = begin_upload(cache, [SentFile(name, len(content)) for name, content in files.items()])
    upload.add(0, b"".join(files.values()))
    return upload


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_zip_gives_its_csv_and_pictures_and_nothing_else(tmp_path: Path) -> None:
    files = {
        "set/queries.csv": CSV,
        "set/photos/a.jpg": b"a",
        "set/notes.txt": b"",
        "__MACOSX/set/._a.jpg": b"",
        "x": b"",
    }
    archive = packed(tmp_path / "set.zip", files)
    upload = sent(tmp_path, {"set.zip": archive.read_bytes()})
    csv = unpack(upload)
    assert csv.read_bytes() == CSV
    assert names(csv.parent) == {"queries.csv", "photos/a.jpg"}


def test_files_chosen_together_are_stored_in_one_folder(tmp_path: Path) -> None:
    csv = unpack(sent(tmp_path, {"my photos.csv": CSV, "b.png": b"bb", "a.jpg": b"a", "../c.jpg": b"c", "x.exe": b"x"}))
    assert csv.name == "my photos.csv"
    assert {path.name: path.read_bytes() for path in csv.parent.iterdir()} == {
        "my photos.csv": CSV, "b.png": b"bb", "a.jpg": b"a", "c.jpg": b"c",
    }  # fmt: skip


@pytest.mark.parametrize("files", [{"a.jpg": b"a"}, {"a.csv": CSV, "b.csv": CSV}])
def test_without_one_csv_it_is_no_set(tmp_path: Path, files: dict[str, bytes]) -> None:
    archive = packed(tmp_path / "set.zip", files)
    with pytest.raises(PhotoSetError, match="One CSV is needed"):
        unpack(sent(tmp_path, {"set.zip": archive.read_bytes()}))


@pytest.mark.parametrize(
    "name",
    ["../a.jpg", "/a.jpg", "a/../../b.jpg", "C:/a.jpg", "..\\a.jpg", "a//b.jpg", "./a.jpg", "a\nb.jpg", "a.svg",
     ".a.jpg", "a.jpg/", "x" * 200 + ".jpg", "a/" * 9 + "b.jpg", ""],
)  # fmt: skip
def test_an_invalid_name_or_one_outside_the_folder_is_skipped(tmp_path: Path, folder: Path, name: str) -> None:
    assert inner_path(name) is None
    if name:
        unpack_zip(packed(tmp_path / "set.zip", {name: b"x", "photos/é a.JPG": b"y"}), folder)
        assert names(tmp_path) == {"set.zip", "set/photos/é a.JPG"}
    assert inner_path("photos/é a.JPG") == PurePosixPath("photos/é a.JPG")


def test_a_bomb_stops_at_the_limit_whatever_size_it_claims(tmp_path: Path, folder: Path) -> None:
    archive = packed(tmp_path / "set.zip", {f"{number}.jpg": bytes(1_000_000) for number in range(20)})
    content = bytearray(archive.read_bytes())
    place = -1
    while (place := content.find(b"PK\x01\x02", place + 1)) >= 0:
        struct.pack_into("<L", content, place + 24, 5)  # five bytes each, says its list of files
    archive.write_bytes(content)
    unpack_zip(archive, folder, max_unpacked=3_000_000)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 3_000_000
    honest = packed(tmp_path / "honest.zip", {f"{number}.jpg": bytes(1_000_000) for number in range(20, 40)})
    with pytest.raises(PhotoSetError, match="too large when unpacked"):
        unpack_zip(honest, folder, max_unpacked=3_000_000)


def test_a_file_that_is_too_large_for_a_photo_is_left_out(tmp_path: Path, folder: Path) -> None:
    unpack_zip(packed(tmp_path / "set.zip", {"a.jpg": bytes(11 * 1024**2), "b.jpg": b"b"}), folder)
    assert names(folder) == {"b.jpg"}


def test_a_list_of_files_that_would_fill_the_memory_is_not_read(tmp_path: Path, folder: Path) -> None:
    archive = tmp_path / "set.zip"
    size = 400 * 1024**2
    with archive.open("wb") as file:  # a sparse file: it takes no space on disk
        file.truncate(size)
        file.seek(size)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, size, 0, 0))
    with pytest.raises(PhotoSetError, match="too large"):
        unpack_zip(archive, folder)


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x05\x06" + bytes(3)])
def test_what_is_no_zip_is_refused(tmp_path: Path, folder: Path, content: bytes) -> None:
    (tmp_path / "set.zip").write_bytes(content)
    with pytest.raises(PhotoSetError, match="damaged, encrypted"):
        unpack_zip(tmp_path / "set.zip", folder)


def test_an_encrypted_zip_is_refused_and_a_damaged_file_of_one_left_out(tmp_path: Path, folder: Path) -> None:
    archive = packed(tmp_path / "set.zip", {"a.jpg": b"a" * 100, "b.jpg": b"b"}, zipfile.ZIP_STORED)
    content = archive.read_bytes()
    encrypted = bytearray(content)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.find(signature) + place] |= 1
    archive.write_bytes(encrypted)
    with pytest.raises(PhotoSetError, match="damaged, encrypted"):
        unpack_zip(archive, folder)
    archive.write_bytes(content.replace(b"a" * 100, b"c" * 100))
    unpack_zip(archive, folder)
    assert names(folder) == {"b.jpg"}


def test_bad_rows_are_named_with_their_reasons_and_the_others_stay(folder: Path, photographs: dict[str, RGB]) -> None:
    (folder / "photos").mkdir()
    photo = encode_jpeg(photographs["coffee"], quality=80)
    for name in ("photos/a.jpg", "b.jpg"):
        (folder / name).write_bytes(photo)
    (folder / "broken.jpg").write_bytes(photo[:500])
    (folder.parent / "secret.jpg").write_bytes(photo)
    csv = folder / "queries.csv"
    rows = ["photos/a.jpg,1", "photos/b.jpg,1", "nowhere.jpg,1", "../secret.jpg,1", f"{folder.parent}/secret.jpg,1",
            "b.jpg,9", "broken.jpg,1", "b.jpg,", "queries.csv,1"]  # fmt: skip
    csv.write_text("\n".join(["photo,product_id", *rows]))
    good, bad = check_rows(csv, {"1"})
    assert [row.photo for row in good] == [folder / "photos/a.jpg", folder / "b.jpg"]
    assert [(row.name, str(row.reason)[:30]) for row in bad] == [
        ("nowhere.jpg", "This photo was not sent."),
        ("../secret.jpg", "This photo was not sent."),
        (f"{folder.parent}/secret.jpg"[:200], "This photo was not sent."),
        ("b.jpg", "There is no product 9 in the c"),
        ("broken.jpg", "This photo can't be read: it i"),
        ("b.jpg", "The row is not complete: a pho"),
        ("queries.csv", "This photo can't be read: it i"),
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a,b\n1,2\n", b"photo,product_id\n", b""])
def test_an_invalid_csv_is_refused_without_a_path(folder: Path, content: bytes) -> None:
    (folder / "queries.csv").write_bytes(content)
    with pytest.raises(PhotoSetError, match="Choose a CSV in UTF-8") as caught:
        check_rows(folder / "queries.csv", {"1"})
    assert str(folder) not in str(caught.value)


def test_too_many_rows_are_refused(folder: Path) -> None:
    (folder / "queries.csv").write_text("photo,product_id\n" + "a.jpg,1\n" * 2001)
    with pytest.raises(PhotoSetError, match="at most 2,000 photos"):
        check_rows(folder / "queries.csv", {"1"})
