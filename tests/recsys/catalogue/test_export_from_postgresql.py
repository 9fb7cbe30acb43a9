"""From a PostgreSQL database to a CSV, where its server is installed."""

import csv
from pathlib import Path

from sqlalchemy import make_url, text

from recsys.catalogue.export import export_catalogue
from recsys.database.engines import make_engine
from tests.postgresql import running_server


def test_a_shop_in_a_database_without_an_encoding_is_exported(tmp_path: Path) -> None:
    with running_server() as server:
        address = make_url(server.address)
        with make_engine(address).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CREATE DATABASE shop ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'"))
        shop = address.set(database="shop")
        with make_engine(shop).begin() as connection:
            connection.execute(text("CREATE TABLE product AS SELECT 7 AS product_id, 'Größe' AS name, 'a.jpg' AS url"))
        query = "select product_id, name, url as image_url from product"
        count = export_catalogue(shop.render_as_string(hide_password=False), query, tmp_path / "catalogue.csv")
    assert count == 1
    with (tmp_path / "catalogue.csv").open(newline="", encoding="utf-8") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["Größe"]
