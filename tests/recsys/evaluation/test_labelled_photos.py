from pathlib import Path

import pytest

from recsys.errors import EvaluationError
from recsys.evaluation.labelled_photos import LabelledPhoto, read_queries


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("beginning", ["", "\ufeff"])
def test_labelled_photos_are_read_as_spreadsheets_write_them(tmp_path: Path, delimiter: str, beginning: str) -> None:
    rows = (("Product_ID", "photo", " Group", "category"), ("A-1", "photos/a.jpg", "fruit", "Apple, red; sweet"))
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    (tmp_path / "queries.csv").write_text(f"{beginning}{text}\r\n", encoding="utf-8")
    expected = LabelledPhoto(tmp_path / "photos/a.jpg", "A-1", "fruit", "photos/a.jpg")
    assert read_queries(tmp_path / "queries.csv") == (expected,)


def test_a_group_is_optional(tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text("photo;product_id\na.jpg;1\nb.jpg;2\n")
    assert [(query.name, query.product_id, query.group) for query in read_queries(tmp_path / "queries.csv")] == [
        ("a.jpg", "1", ""),
        ("b.jpg", "2", ""),
    ]


@pytest.mark.parametrize(
    "content, said",
    [
        (b"photo,name\na.jpg,x\n", "Expected the columns photo and product_id in .*, found photo, name"),
        (b"", "found none"),
        (b"photo,product_id\n", "Expected labelled photos in .*, found none"),
        ("photo,product_id\né.jpg,x\n".encode("latin-1"), "Expected a UTF-8 CSV"),
    ],
)
def test_a_file_that_holds_no_queries_is_said_to(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "queries.csv").write_bytes(content)
    with pytest.raises(EvaluationError, match=said):
        read_queries(tmp_path / "queries.csv")


def test_a_missing_file_of_queries_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="No such file"):
        read_queries(tmp_path / "queries.csv")


def test_a_row_with_an_open_quote_is_faulty_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text('photo,product_id\n"a b.jpg,1\nsub/b.jpg,2\n')
    faulty, good = read_queries(tmp_path / "queries.csv")
    assert (str(faulty.photo), "quote" in faulty.fault) == ("row 2", True)
    assert (good.product_id, good.fault) == ("2", "")


@pytest.mark.parametrize("written", ["a%20b.jpg", "sub\\b.JPG", "cafe\u0301.jpg", "caf\u00e9.jpg"])
def test_a_photo_is_found_in_every_spelling_that_the_import_takes(tmp_path: Path, written: str) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a b.jpg", "sub/b.JPG", "caf\u00e9.jpg"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "queries.csv").write_text(f"photo,product_id\n{written},1\n", encoding="utf-8")
    (query,) = read_queries(tmp_path / "queries.csv")
    assert query.photo.is_file()
    assert query.name == written


@pytest.mark.parametrize(
    ("row", "name", "said"),
    [
        (",1", "row 3", "got a row without photo"),
        ("a.jpg,", "a.jpg", "got a row without product_id"),
        (",,fruit", "row 3", "got a row without photo, product_id"),
        ("a.jpg,1,fruit,apple", "a.jpg", "Expected 3 fields, got 4"),
    ],
)
def test_a_faulty_row_is_named_by_its_number(tmp_path: Path, row: str, name: str, said: str) -> None:
    (tmp_path / "queries.csv").write_text(f"photo,product_id,group\nb.jpg,2,fruit\n{row}\n")
    good, faulty = read_queries(tmp_path / "queries.csv")
    assert (good.product_id, good.fault) == ("2", "")
    assert (str(faulty.photo), faulty.name, faulty.product_id) == ("row 3", name, "")
    assert said in faulty.fault


def test_empty_fields_after_the_last_column_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text("photo,product_id\na.jpg,1,, \n")
    assert [(query.product_id, query.fault) for query in read_queries(tmp_path / "queries.csv")] == [("1", "")]
