"""A shop's picture server, and CSVs that point at it."""

import csv
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from recsys.catalogue.image_downloads import DownloadLimits
from tests.recsys.catalogue.shop_server import ShopServer


@pytest.fixture
def server() -> Iterator[ShopServer]:
    shop = ShopServer()
    thread = threading.Thread(target=shop.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield shop
    shop.stopped.set()
    shop.server.shutdown()
    thread.join()
    shop.server.server_close()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cache"


@pytest.fixture
def limits() -> DownloadLimits:
    """Few attempts and short waits between them, but all the time that a busy machine needs for an answer."""
    return DownloadLimits(
        attempts=3,
        first_wait_seconds=0.01,
        longest_wait_seconds=1,
        first_pause_seconds=0.01,
        max_bytes=200_000,
        allow_private=frozenset({"127.0.0.1", "localhost"}),
    )


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[Sequence[Sequence[str]]], Path]:
    """Write rows of (product_id, name, image_url) to `shop/catalogue.csv`."""

    def write(rows: Sequence[Sequence[str]]) -> Path:
        path = tmp_path / "shop" / "catalogue.csv"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("product_id", "name", "image_url"), *rows])
        return path

    return write
