from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recsys.catalogue.products import images_of
from recsys.evaluation.contact_sheet import (
    draw_contact_sheet,
    fitted_lines,
    font,
    num_misses,
    worst_misses,
    write_contact_sheet,
)
from recsys.evaluation.labelled_photos import LabelledPhoto
from recsys.evaluation.runs import Found, QueryOutcome
from recsys.search.gallery import Gallery, load_gallery
from recsys.settings import Settings
from tests.hostile import HOSTILE

FOUND = tuple(Found(product_id, 0.5) for product_id in ("rocket-0", "rocket-1", "rocket-2", "rocket-3", "chelsea-0"))


def outcome(photo: str, product_id: str, rank: int) -> QueryOutcome:
    return QueryOutcome(photo, product_id, "cups", rank, 0.5, FOUND, 1.0, 1.0)


@pytest.fixture
def gallery(settings: Settings) -> Gallery:
    return load_gallery([settings.cache])


def test_the_worst_come_first_and_hits_are_not_misses() -> None:
    outcomes = [outcome("a", "coffee-0", 1), outcome("b", "coffee-0", 2), outcome("c", "coffee-0", 16)]
    assert [miss.photo for miss in worst_misses(outcomes, 5)] == ["c", "b"]
    assert [miss.photo for miss in worst_misses(outcomes, 1)] == ["c"]
    assert num_misses(outcomes) == 2


def mean_colour(sheet: Image.Image, column: int, row: int, height: int) -> np.ndarray:
    """The mean colour of the middle of a cell; the columns are as wide as in the sheet."""
    left = 24 + column * 196 + (16 if column > 1 else 0)
    top = sheet.height - (2 - row) * height
    return np.asarray(sheet)[top + 60 : top + 120, left + 60 : left + 120].reshape(-1, 3).mean(axis=0)


def test_each_row_shows_the_photo_the_right_product_and_those_found(
    gallery: Gallery, settings: Settings, tmp_path: Path
) -> None:
    Image.new("RGB", (300, 300), (200, 30, 60)).save(tmp_path / "red.jpg")
    queries = [LabelledPhoto(tmp_path / "red.jpg", "coffee-0", name="red.jpg")]
    misses = [outcome("red.jpg", "coffee-0", 12), outcome("lost.jpg", "coffee-1", 9)]
    sheet = draw_contact_sheet("EfficientNetLite0:cosine", misses, queries, gallery)
    height = (sheet.height - 110) // 2
    assert mean_colour(sheet, 0, 0, height) == pytest.approx((200, 30, 60), abs=6)
    assert mean_colour(sheet, 0, 1, height) == pytest.approx((230, 232, 231), abs=3)  # the second photo is lost
    for column, product_id in ((1, "coffee-0"), *enumerate((found.product_id for found in FOUND), start=2)):
        key = gallery.catalogue.by_id[product_id].image_key
        with Image.open(images_of(settings.cache).display_path(key)) as kept:
            small = np.asarray(kept.resize((180, round(180 * kept.height / kept.width))).convert("RGB"))
        rows = small[60 - (180 - len(small)) : 120 - (180 - len(small))]  # pictures are at the bottom of their cells
        expected = rows[:, 60:120].reshape(-1, 3).mean(axis=0)
        assert mean_colour(sheet, column, 0, height) == pytest.approx(expected, abs=8), product_id


@pytest.mark.parametrize("name, kind", [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.JPEG", "JPEG")])
def test_the_sheet_is_written_in_the_format_that_its_name_asks_for(tmp_path: Path, name: str, kind: str) -> None:
    write_contact_sheet(tmp_path / name, Image.new("RGB", (20, 10), "red"))
    with Image.open(tmp_path / name) as sheet:
        assert (sheet.format, sheet.size) == (kind, (20, 10))
    assert [path.name for path in tmp_path.iterdir()] == [name]


UNPRINTABLE = f"{HOSTILE}\x1b[2J \u202e 1000ml x 12 dengan vitamin dan mineral lengkap untuk keluarga"


@pytest.mark.parametrize("text", [UNPRINTABLE, "Susu", "", "a" * 400, "word " * 50, "\U0001f95b牛奶"])
def test_a_name_is_broken_into_lines_that_fit(text: str) -> None:
    lines = fitted_lines(text, "medium", 15, 180, 2)
    assert 1 <= len(lines) <= 2
    assert all(font("medium", 15).getlength(line) <= 180 for line in lines)
    assert all(line.isprintable() for line in lines)
    printable = "".join(character if character.isprintable() else " " for character in text)
    room = 2 * 180 * 0.8  # a line that breaks between words is not full
    shown = "".join(lines).removesuffix("…").replace(" ", "")
    assert printable.replace(" ", "").startswith(shown)
    assert lines[-1].endswith("…") or font("medium", 15).getlength(text) <= 360
    assert not (lines[-1].endswith("…") and font("medium", 15).getlength(text) < room)


def test_names_of_the_shop_are_drawn_as_text(gallery: Gallery, tmp_path: Path) -> None:
    hostile = tuple(replace(product, name=UNPRINTABLE) for product in gallery.catalogue.products)
    changed = Gallery(replace(gallery.catalogue, products=hostile), gallery.parts)
    sheet = draw_contact_sheet(UNPRINTABLE, [outcome("a.jpg", "coffee-0", 3)], [], changed)
    assert sheet.width == draw_contact_sheet("", [outcome("a.jpg", "coffee-0", 3)], [], gallery).width
