"""Connections: what cannot be written through them, and what their errors do not reveal."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from recsys.catalogue.connections import parse_database_url, read_only_connection
from recsys.errors import ExportError


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("postgresql+psycopg2://a:b@h/d", "psycopg2-binary"),
        ("mysql+pymysql://a:b@h/d", "PyMySQL"),
        ("mysql+mysqldb://a:b@h/d", "mysqlclient"),
        ("mssql+pyodbc://a:b@h/d", "pyodbc"),
        ("oracle+oracledb://a:b@h/d", "oracledb"),
    ],
)
def test_a_missing_driver_names_the_package_to_install(address: str, package: str) -> None:
    try:
        with read_only_connection(parse_database_url(address)):
            pytest.fail("there is no such server")
    except ExportError as error:
        if "not installed" not in str(error):
            pytest.skip(f"{package} is installed here")
        assert f"pip install '{package}" in str(error)


@pytest.mark.parametrize("address", ["postgres://a:sesame@h/d", "nonsense://a:sesame@h/d"])
def test_an_unknown_database_is_named(address: str) -> None:
    with (
        pytest.raises(ExportError, match=address.partition(":")[0]) as caught,
        read_only_connection(parse_database_url(address)),
    ):
        pass
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sesame",
        "postgresql://user:sesame",
        "postgresql://user:p@sesame@h/d",
        "postgresql://user:p@h:sesame/d",
        "postgresql://user:p@x/sesame@h/d",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated(address: str) -> None:
    with pytest.raises(ExportError) as caught, read_only_connection(parse_database_url(address)):
        pass
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("secret", ["open sesame", "pass%/#:?word", "ünïcode"])
def test_an_error_never_reveals_the_password(tmp_path: Path, secret: str) -> None:
    # SQLite repeats what it does not understand, like drivers of servers repeat their connection string.
    sqlite3.connect(tmp_path / "shop.sqlite").close()
    (tmp_path / "shop.sqlite").touch()
    address = parse_database_url(f"sqlite:///{tmp_path / 'shop.sqlite'}").set(query={"password": secret})
    with pytest.raises(ExportError) as caught, read_only_connection(address) as connection:
        connection.exec_driver_sql(f'select * from "{secret}"')
    assert "no such table: ***" in str(caught.value)
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    "sql",
    [
        "insert into product values (2)",
        "insert into product values (2) returning id",
        "with x as (select 2) insert into product select * from x",
        "delete from product",
        "drop table product",
        "pragma user_version = 5",
        "vacuum",
    ],
)
def test_nothing_can_be_written_even_if_the_query_was_not_checked(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table product (id)")
        connection.execute("insert into product values (1)")
    before = path.read_bytes()
    with (
        pytest.raises(ExportError, match=r"readonly|read-only"),
        read_only_connection(parse_database_url(f"sqlite:///{path}")) as connection,
    ):
        connection.exec_driver_sql(sql)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["shop.sqlite"]
