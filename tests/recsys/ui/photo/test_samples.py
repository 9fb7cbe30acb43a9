import json
from pathlib import Path

import pytest

from recsys.ui.photo.samples import load_samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "demo" / "samples"
    folder.mkdir(parents=True)
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(b"")
    (tmp_path / "secret.jpg").write_bytes(b"")
    return folder


def write(folder: Path, *photos: str) -> None:
    entries = [{"photo": photo, "product_id": f"P-{photo}", "title": f"Photo {photo}"} for photo in photos]
    (folder / "samples.json").write_text(json.dumps(entries))


def test_samples_come_in_the_order_of_their_list(tmp_path: Path, folder: Path) -> None:
    write(folder, "b.jpg", "a.jpg")
    assert [(sample.path.name, sample.title) for sample in load_samples(tmp_path)] == [
        ("b.jpg", "Photo b.jpg"),
        ("a.jpg", "Photo a.jpg"),
    ]


def test_a_home_without_samples_has_none(tmp_path: Path) -> None:
    assert load_samples(tmp_path) == ()


def test_a_sample_whose_photo_is_gone_is_left_out(tmp_path: Path, folder: Path) -> None:
    write(folder, "a.jpg", "gone.jpg")
    assert [sample.path.name for sample in load_samples(tmp_path)] == ["a.jpg"]


def test_a_photo_outside_the_folder_is_never_a_sample(tmp_path: Path, folder: Path) -> None:
    write(folder, "../../secret.jpg")
    assert load_samples(tmp_path) == ()


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"photo": "a.jpg"}]', "7"])
def test_a_damaged_list_means_no_samples(tmp_path: Path, folder: Path, content: str) -> None:
    (folder / "samples.json").write_text(content)
    assert load_samples(tmp_path) == ()
