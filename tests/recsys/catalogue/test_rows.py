"""Reading catalogue.csv."""

import csv
from pathlib import Path

import pytest

from recsys.catalogue.rows import read_rows
from recsys.catalogue.shop_texts import parse_price
from recsys.errors import CatalogueError

HEADER = "product_id,name,image_url,price\n"


def rows_of(tmp_path: Path, content: str | bytes):
    path = tmp_path / "catalogue.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_rows(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_usual_csv_is_read(tmp_path: Path, delimiter: str, encoding: str, newline: str) -> None:
    lines = ["product_id,name,image_url,brand", "007,Susu 🥛,a b.jpg,é", " 8 , Teh ,c.jpg,"]
    text = newline.join(line.replace(",", delimiter) for line in lines)
    checked = rows_of(tmp_path, text.encode(encoding))
    assert [(row.product.product_id, row.product.name, row.product.brand, row.image_url) for row in checked.rows] == [
        ("007", "Susu 🥛", "é", "a b.jpg"),
        ("8", "Teh", "", "c.jpg"),
    ]
    assert not checked.skipped


def test_texts_are_the_shops_own(tmp_path: Path) -> None:
    name = '=HYPERLINK("http://x","Susu")\n<hemat>'
    path = tmp_path / "catalogue.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("product_id", "name", "image_url"), ("1", name, "a.jpg")])
    assert read_rows(path).rows[0].product.name == name


def test_other_columns_are_kept_out(tmp_path: Path) -> None:
    checked = rows_of(tmp_path, "cost,product_id,image_key,name,image_url\n5,1,../../x,Susu,a.jpg\n")
    assert checked.rows[0].product.image_key == ""


def test_columns_are_known_with_spaces_and_capitals(tmp_path: Path) -> None:
    checked = rows_of(tmp_path, "Product ID,Name,Image-URL\n1,Susu,a.jpg\n")
    assert [row.product.product_id for row in checked.rows] == ["1"]


@pytest.mark.parametrize(
    ("line", "product_id", "words"),
    [
        (",Susu,a.jpg,1", "row 2", "without product_id"),
        ("1,,a.jpg,1", "1", "without name"),
        ("1,  ,a.jpg,1", "1", "without name"),
        ("1,<b></b>,a.jpg,1", "1", "without name"),
        ("1,&nbsp;,a.jpg,1", "1", "without name"),
        ("1,\u200b\ufeff,a.jpg,1", "1", "without name"),
        ("\u200b,Susu,a.jpg,1", "row 2", "without product_id"),
        ("1,<b>Su\0su</b>,a.jpg,1", "1", "NUL"),
        ("1,Susu,,1", "1", "without image_url"),
        ("1", "1", "without name, image_url"),
        ("1,Susu, coklat,a.jpg,1", "1", "Expected 4 fields, got 5"),
        ("1,Su\0su,a.jpg,1", "1", "NUL"),
        ('1,"Susu" coklat,a.jpg,1', "row 2", "quot"),
    ],
)
def test_a_bad_row_is_skipped_with_its_reason(tmp_path: Path, line: str, product_id: str, words: str) -> None:
    checked = rows_of(tmp_path, f"{HEADER}{line}\n2,Teh,b.jpg,5\n")
    assert [skipped.product_id for skipped in checked.skipped] == [product_id]
    assert words in checked.skipped[0].reason
    assert [row.product.product_id for row in checked.rows] == ["2"]


def test_the_first_of_two_rows_with_the_same_id_stays(tmp_path: Path) -> None:
    checked = rows_of(tmp_path, HEADER + "1,Susu,a.jpg,\n2,Teh,b.jpg,\n1,Kopi,c.jpg,\n")
    assert [row.product.name for row in checked.rows] == ["Susu", "Teh"]
    assert "rows 2 and 4: only row 2 was read" in checked.skipped[0].reason


def test_empty_lines_and_empty_trailing_fields_are_no_fault(tmp_path: Path) -> None:
    checked = rows_of(tmp_path, HEADER + "1,Susu,a.jpg,5,,\n\n,,,\n")
    assert len(checked.rows) == 1
    assert not checked.skipped


def test_a_huge_field_is_read(tmp_path: Path) -> None:
    description = "x" * 300_000
    checked = rows_of(tmp_path, f"product_id,name,image_url,description\n1,Susu,a.jpg,{description}\n")
    assert checked.rows[0].product.description == description


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "missing product_id"),
        (b"id,title,image_url\n", "missing product_id, name in .*found id, title, image_url"),
        (b"product_id,name,name,image_url\n", "name more than once"),
        ("product_id,name,image_url\n1,Café,a.jpg\n".encode("latin-1"), "UTF-8"),
        ("product_id,name,image_url\n1,Café,a.jpg\n".encode("utf-16"), "UTF-8"),
        ("product_id,name,image_url\n1,Cafe,a.jpg\n".encode("utf-16-le"), "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "UTF-8"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(CatalogueError, match=words) as caught:
        rows_of(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.csv"):
        read_rows(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("15000", 15000.0),
        ("15000.50", 15000.5),
        ("0", 0.0),
        ("0.500", 0.5),
        ("15.000", None),  # fifteen, or fifteen thousand
        ("1.500.000", None),
        ("15,000", None),
        ("Rp 15000", None),
        ("-5", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e400", None),
    ],
)
def test_only_a_plain_number_is_a_price(text: str, price: float | None) -> None:
    assert parse_price(text) == price


def test_a_product_with_an_odd_price_is_imported_without_it_and_noted(tmp_path: Path) -> None:
    checked = rows_of(tmp_path, HEADER + "1,Susu,a.jpg,15.000\n")
    assert checked.rows[0].product.price is None
    assert checked.notes[0].product_id == "1"
    assert "'15.000'" in checked.notes[0].reason


def test_a_product_with_a_wrong_gtin_is_imported_without_it_and_noted(tmp_path: Path) -> None:
    lines = ["1,Susu,a.jpg,4006381333931", "2,Teh,b.jpg,4006381333932", "3,Kopi,c.jpg,4.00638E+12"]
    checked = rows_of(tmp_path, "\n".join(["product_id,name,image_url,gtin", *lines]))
    assert [row.product.gtin for row in checked.rows] == ["4006381333931", "", ""]
    assert [note.product_id for note in checked.notes] == ["2", "3"]
    assert "'4006381333932'" in checked.notes[0].reason
    assert "a spreadsheet lost its digits" in checked.notes[1].reason
