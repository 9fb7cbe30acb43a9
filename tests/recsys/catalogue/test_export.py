"""From a real database to a CSV."""

import csv
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from recsys.catalogue.export import export_catalogue
from recsys.catalogue.rows import read_rows
from recsys.errors import ExportError

QUERY = "select id as product_id, name, url as image_url, price from product order by id"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop's database, alone in its folder."""
    path = tmp_path / "shop" / "shop #1.sqlite"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table product (id text, name text, url text, price, cost, note)")
        connection.executemany(
            "insert into product values (?, ?, ?, ?, ?, ?)",
            [
                ("007", "Susu 🥛\nbaris", "http://x/1", 15000, 9, None),
                ("8", '=HYPERLINK("x";"y")', "http://x/2", 12.345, 9, b"\xc3\xa9"),
                ("9", "50% susu\rcoklat", None, None, 9, b"\xff\x00"),
            ],
        )
    return path


def url_of(shop: Path) -> str:
    return f"sqlite:///{shop}"


def exported(out: Path) -> list[dict[str, str]]:
    with out.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "catalogue.csv"


@pytest.fixture
def untouched(shop: Path) -> Iterator[None]:
    """Check that nothing in the shop's folder was changed, added or removed."""
    before = state(shop.parent)
    yield
    assert state(shop.parent) == before


@pytest.mark.usefixtures("untouched")
def test_rows_are_written_as_the_shop_has_them(shop: Path, out: Path) -> None:
    sql = "select cost, note as description, price, id as product_id, name, url as image_url from product"
    assert export_catalogue(url_of(shop), sql, out) == 3
    rows = exported(out)
    assert list(rows[0]) == ["product_id", "name", "image_url", "price", "description"]
    assert [list(row.values()) for row in rows] == [
        ["007", "Susu 🥛\nbaris", "http://x/1", "15000", ""],
        ["8", '=HYPERLINK("x";"y")', "http://x/2", "12.3450", "é"],
        ["9", "50% susu\rcoklat", "", "", "ff00"],
    ]


@pytest.mark.usefixtures("untouched")
def test_the_import_reads_what_the_export_wrote(shop: Path, out: Path) -> None:
    export_catalogue(url_of(shop), QUERY, out)
    checked = read_rows(out)
    assert [(row.product.product_id, row.product.price) for row in checked.rows] == [("007", 15000), ("8", 12.345)]
    assert [row.product_id for row in checked.skipped] == ["9"]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "condition", ["name like '%susu%'", "'12:30' <> ':name'", "'a?' <> '%s'", "1 = 1 -- 100% :x ?", "1 = 1;"]
)
def test_percent_signs_colons_and_question_marks_are_text(shop: Path, out: Path, condition: str) -> None:
    sql = f"select id as product_id, name, url as image_url from product where {condition}"
    assert export_catalogue(url_of(shop), sql, out) == (2 if "like" in condition else 3)


def test_columns_are_matched_whatever_their_case(shop: Path, out: Path) -> None:
    sql = "select id as PRODUCT_ID, Name, url as Image_Url from product"
    assert export_catalogue(url_of(shop), sql, out) == 3
    assert list(exported(out)[0]) == ["product_id", "name", "image_url"]


def test_more_rows_than_are_fetched_at_a_time_are_all_written(shop: Path, out: Path) -> None:
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500) "
    sql = numbers + "select i as product_id, i as name, i as image_url from n"
    assert export_catalogue(url_of(shop), sql, out) == 2500
    assert [row["product_id"] for row in exported(out)] == [str(number) for number in range(1, 2501)]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select id, name, url as image_url from product", "missing product_id; the query returns id, name, image_url"),
        ("select p.id as product_id, name, name, url as image_url from product p", "name more than once"),
        ("select * from nowhere", "no such table: nowhere"),
        ("select id as product_id, name, url as image_url from product where id = :id", "binding"),
        ("delete from product", "'DELETE'"),
        ("insert into product (id) values (1) returning id as product_id, 1 as name, 2 as image_url", "'INSERT'"),
        ("with x as (select 1) delete from product", "DELETE"),
    ],
)
def test_a_query_that_gives_no_catalogue_leaves_the_old_csv(shop: Path, out: Path, sql: str, words: str) -> None:
    out.parent.mkdir()
    out.write_text("old")
    with pytest.raises(ExportError, match=words) as caught:
        export_catalogue(url_of(shop), sql, out)
    assert "\n" not in str(caught.value)
    assert state(out.parent).keys() == {"catalogue.csv"}
    assert out.read_text() == "old"


@pytest.mark.usefixtures("untouched")
def test_a_failure_in_the_middle_leaves_the_old_csv(shop: Path, out: Path) -> None:
    out.parent.mkdir()
    out.write_text("old")
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) "
    sql = numbers + "select i as product_id, abs(case i when 4000 then -9223372036854775807 - 1 else i end) as name, "
    with pytest.raises(ExportError, match="overflow"):
        export_catalogue(url_of(shop), sql + "i as image_url from n", out)
    assert state(out.parent).keys() == {"catalogue.csv"}
    assert out.read_text() == "old"


@pytest.mark.parametrize("database", ["nowhere.sqlite", ""])
def test_a_sqlite_file_that_is_not_there_is_not_made(tmp_path: Path, out: Path, database: str) -> None:
    with pytest.raises(ExportError, match="Expected a SQLite file"):
        export_catalogue(f"sqlite:///{tmp_path / database}", QUERY, out)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_named(tmp_path: Path, out: Path) -> None:
    (tmp_path / "shop.sqlite").write_bytes(b"not a database, but long enough to look at" * 20)
    with pytest.raises(ExportError, match="file is not a database"):
        export_catalogue(f"sqlite:///{tmp_path / 'shop.sqlite'}", QUERY, out)


@pytest.mark.usefixtures("untouched")
def test_the_shops_database_is_never_the_output(shop: Path) -> None:
    with pytest.raises(ExportError, match="shop's database"):
        export_catalogue(url_of(shop), QUERY, shop)


def test_an_output_that_cannot_be_written_is_named(shop: Path, out: Path) -> None:
    out.mkdir(parents=True)
    with pytest.raises(ExportError, match="Expected to write"):
        export_catalogue(url_of(shop), QUERY, out)


def test_a_closed_shop_with_a_write_ahead_log_is_read_without_creating_files(shop: Path, out: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("pragma journal_mode = wal")
    before = state(shop.parent)
    assert export_catalogue(url_of(shop), QUERY, out) == 3
    assert state(shop.parent) == before
    assert list(before) == [shop.name]


def test_a_crashed_shop_is_read_with_what_is_in_its_write_ahead_log(shop: Path, out: Path, tmp_path: Path) -> None:
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("insert into product values ('10', 'Teh', 'http://x/3', 1, 1, null)")
        connection.commit()
        for name in (shop.name, f"{shop.name}-wal"):
            (crashed / name).write_bytes((shop.parent / name).read_bytes())
    before = state(crashed)
    assert export_catalogue(url_of(crashed / shop.name), QUERY, out) == 4
    assert state(crashed) == before


def test_a_shop_that_is_open_for_business_is_read_as_it_is_now(shop: Path, out: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("insert into product values ('10', 'Teh', 'http://x/3', 1, 1, null)")
        connection.commit()
        before = {name: content for name, (content, _) in state(shop.parent).items() if not name.endswith("-shm")}
        assert export_catalogue(url_of(shop), QUERY, out) == 4
        after = {name: content for name, (content, _) in state(shop.parent).items() if not name.endswith("-shm")}
        assert after == before


def test_addresses_of_sqlite_may_be_uris(shop: Path, out: Path) -> None:
    address = f"sqlite:///file:{str(shop).replace('#', '%23')}?uri=true"
    assert export_catalogue(address, QUERY, out) == 3


def test_the_csv_is_readable_by_others(shop: Path, out: Path) -> None:
    export_catalogue(url_of(shop), QUERY, out)
    umask = os.umask(0)
    os.umask(umask)
    assert out.stat().st_mode & 0o777 == 0o666 & ~umask


def test_text_that_is_not_utf8_is_reported_and_the_rest_continues(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        shop.execute("create table p (id, name, price)")
        shop.execute("insert into p values (1, 'Susu', 1), (2, cast(x'436166e9' as text), 2), (3, 'Th\u00e9', 3)")
    shop.close()
    told: list[str] = []
    sql = "select id as product_id, name, 'a.jpg' as image_url from p"
    assert export_catalogue(f"sqlite:///{tmp_path / 'shop.db'}", sql, tmp_path / "out.csv", on_note=told.append) == 3
    assert [row.product.name for row in read_rows(tmp_path / "out.csv").rows] == ["Susu", "Caf\u00e9", "Th\u00e9"]
    assert len(told) == 1
    assert told[0].startswith("row 2, 2: ")
