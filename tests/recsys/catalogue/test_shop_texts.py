from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.catalogue.image_addresses import image_address
from recsys.catalogue.report import WHOLE_FILE
from recsys.catalogue.rows import CheckedRows, read_rows
from recsys.catalogue.shop_texts import csv_price, parse_price

HOST = "https://shop.test"


def rows_of(tmp_path: Path, content: str) -> CheckedRows:
    (tmp_path / "catalogue.csv").write_text(content, encoding="utf-8")
    return read_rows(tmp_path / "catalogue.csv")


@pytest.mark.parametrize(
    ("cell", "address", "number"),
    [
        (f"{HOST}/a.jpg,{HOST}/b.jpg", f"{HOST}/a.jpg", 2),
        (f"{HOST}/a.jpg, {HOST}/b.jpg", f"{HOST}/a.jpg", 2),
        (f"{HOST}/a.jpg|{HOST}/b.jpg", f"{HOST}/a.jpg", 2),
        (f"{HOST}/a;{HOST}/b;{HOST}/c", f"{HOST}/a", 3),
        (f"{HOST}/a\n{HOST}/b", f"{HOST}/a", 2),
        (f'["{HOST}/a","{HOST}/b"]', f"{HOST}/a", 2),
        (f'[{{"src": "{HOST}/a"}}]', f"{HOST}/a", 1),
        ("a.jpg|b.jpg", "a.jpg", 2),
        ("a.jpg, b.jpg", "a.jpg", 2),
        ("//shop.test/a", f"{HOST}/a", 1),
        ("www.shop.test/a", "https://www.shop.test/a", 1),
        (f'"{HOST}/a"', f"{HOST}/a", 1),
        (f"<{HOST}/a>", f"{HOST}/a", 1),
        (f"({HOST}/a)", f"{HOST}/a", 1),
        (f'<img src="{HOST}/a?x=1&amp;y=2">', f"{HOST}/a?x=1&y=2", 1),
        (f'=IMAGE("{HOST}/a")', f"{HOST}/a", 1),
        (f"![x]({HOST}/a)", f"{HOST}/a", 1),
        (f"\ufeff{HOST}/a\u200b\u00a0", f"{HOST}/a", 1),
        (f"{HOST}/pipe|x.jpg", f"{HOST}/pipe|x.jpg", 1),
        (f"{HOST}/comma,a.jpg", f"{HOST}/comma,a.jpg", 1),
        (f"{HOST}/br[1].jpg", f"{HOST}/br[1].jpg", 1),
        ("comma, a [1].jpg", "comma, a [1].jpg", 1),
        ("http:/shop.test/a", "http://shop.test/a", 1),
        ("https:shop.test/a", f"{HOST}/a", 1),
        ("HTTP:///shop.test/a", "HTTP://shop.test/a", 1),
        (r"https:\\shop.test\a b.jpg", f"{HOST}/a b.jpg", 1),
        (r"https:\/\/shop.test\/a.jpg", f"{HOST}/a.jpg", 1),
        (f"http://{HOST}/a", f"{HOST}/a", 1),
        (f"{HOST}/a\tb.jpg", f"{HOST}/ab.jpg", 1),
        (f"['{HOST}/a', '{HOST}/b']", f"{HOST}/a", 2),
        (f"{{{HOST}/a,{HOST}/b}}", f"{HOST}/a", 2),
        (f'"{HOST}/a","{HOST}/b"', f"{HOST}/a", 2),
        (f"{HOST}/a.jpg;", f"{HOST}/a.jpg", 1),
        (f"{HOST}/a||{HOST}/b", f"{HOST}/a", 2),
        (f"{HOST}/a?id=1&region=2&copy=3", f"{HOST}/a?id=1&region=2&copy=3", 1),
        (f"{HOST}/a?id=1&amp;amp;x=2", f"{HOST}/a?id=1&x=2", 1),
        ("NULL", "", 0),
        ("no_selection", "", 0),
        ("[]", "", 0),
    ],
)
def test_the_first_address_of_a_cell_is_found(cell: str, address: str, number: int) -> None:
    assert image_address(cell) == (address, number)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_cell_gives_an_address_or_nothing(cell: str) -> None:
    assert isinstance(image_address(cell)[0], str)


@given(st.decimals(0, 10**12, places=3))
def test_a_price_that_the_export_writes_is_read_back_equal(price: Decimal) -> None:
    assert parse_price(csv_price(price)) == float(price)


def test_a_column_of_three_decimals_is_read_as_the_database_means_it(tmp_path: Path) -> None:
    header = "product_id,name,image_url,price\n"
    checked = rows_of(tmp_path, header + "1,A,a.jpg,15.000\n2,B,b.jpg,12.345\n3,C,c.jpg,123456.789\n")
    assert [row.product.price for row in checked.rows] == [15.0, 12.345, 123456.789]
    checked = rows_of(tmp_path, header + "1,A,a.jpg,15.000\n2,B,b.jpg,12.345\n")
    assert [row.product.price for row in checked.rows] == [None, None]


HEADERS = {
    "Shopify": "Handle,Title,Body (HTML),Vendor,Type,Variant Price,Image Src",
    "Google's product feed": "id,title,description,brand,product type,price,image link",
    "Magento": "sku,name,description,manufacturer,categories,price,base_image",
    "WooCommerce": "ID,Name,Description,Brands,Categories,Regular price,Images",
}


@pytest.mark.parametrize("system", HEADERS)
def test_the_columns_of_shop_systems_are_translated_and_noted(tmp_path: Path, system: str) -> None:
    checked = rows_of(tmp_path, f"{HEADERS[system]}\n7,Susu,<p>Good</p>,Acme,Milk,15000,a.jpg\n")
    (row,) = checked.rows
    product = row.product
    assert (product.product_id, product.name, product.description, product.brand, product.category, product.price) == (
        "7", "Susu", "Good", "Acme", "Milk", 15000.0,
    )  # fmt: skip
    assert row.image_url == "a.jpg"
    (note,) = checked.notes
    assert note.product_id == WHOLE_FILE
    assert system in note.reason


def test_an_open_quote_is_found_under_the_columns_of_a_shop_system(tmp_path: Path) -> None:
    rows = 'A1,"Papan 12,p0.jpg\nA2,Teh,p1.jpg\nA3,Layar 15",p2.jpg\n'
    checked = rows_of(tmp_path, "Handle,Title,Image Src\n" + rows)
    assert [row.product.product_id for row in checked.rows] == ["A2", "A3"]
    assert [skipped.product_id for skipped in checked.skipped] == ["row 2"]


def test_a_price_with_its_currency_is_read_as_both(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "product_id,name,image_url,price\n1,A,a.jpg,15000.00 IDR\n").rows
    assert (row.product.price, row.product.currency) == (15000.0, "IDR")


def test_ids_of_which_a_spreadsheet_made_numbers_are_named(tmp_path: Path) -> None:
    checked = rows_of(tmp_path, "product_id,name,image_url\n8.99E+12,A,a.jpg\n8.99E+12,B,b.jpg\n")
    assert "spreadsheet" in checked.notes[0].reason
    assert "spreadsheet" in checked.skipped[0].reason
