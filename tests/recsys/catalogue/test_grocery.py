"""The real shop: from its database and from its CSV."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recsys.catalogue.export import export_catalogue
from recsys.catalogue.image_downloads import DownloadLimits
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import load_catalogue
from recsys.catalogue.shop_sql import read_query


@pytest.fixture
def address(grocery: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=grocery))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_csv_is_imported_whole_and_then_unchanged(grocery: Path, cache: Path) -> None:
    first = import_catalogue(grocery / "catalogue.csv", cache)
    second = import_catalogue(grocery / "catalogue.csv", cache)
    assert (first.imported, first.skipped) == (81, ())
    assert (second.imported, second.unchanged) == (0, 81)


def test_the_database_is_exported_and_imported_with_its_mess(
    grocery: Path, address: str, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "catalogue.csv"
    assert export_catalogue(f"sqlite:///{grocery / 'shop.sqlite'}", read_query(grocery / "export.sql"), out) == 97
    out.write_bytes(out.read_bytes().replace(b"http://127.0.0.1:8765", address.encode()))
    limits = DownloadLimits(allow_private=frozenset({"127.0.0.1"}))
    report = import_catalogue(out, cache, limits=limits)
    assert report.imported == 91
    expected = {
        "X-404": "404",
        "X-BOMB": "megapixels",
        "X-EMPTY": "empty",
        "X-FILE": "'file'",
        "X-HTML": "HTML",
        "X-TRUNC": "incomplete",
    }
    assert {row.product_id for row in report.skipped} == expected.keys()
    assert all(expected[row.product_id] in row.reason for row in report.skipped)
    names = {product.product_id: product.name for product in load_catalogue(cache).products}
    assert names["X-FORMULA"].startswith("=HYPERLINK(")
    assert names["X-XSS"].startswith("**Susu** [x](javascript:alert(1))")
    assert import_catalogue(out, cache, limits=limits).unchanged == 91
