import csv
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from embeddings.imaging.photos import read_photo
from recsys.catalogue.gtin import parse_gtin
from recsys.demo.shop import create_shop
from recsys.errors import CatalogueError
from recsys.search.barcodes import read_barcodes
from tests.recsys.demo.conftest import QUERIES, SAMPLES, SIZE, contents


def moments(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()
    }


def exported(folder: Path) -> list[dict[str, object]]:
    with closing(sqlite3.connect(folder / "shop.sqlite")) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute((folder / "export.sql").read_text())]


def test_the_export_query_gives_every_active_product_with_an_image_that_decodes(shop: Path) -> None:
    rows = exported(shop)
    assert len(rows) == SIZE
    columns = ["product_id", "name", "brand", "category", "price", "currency", "image_url", "description", "gtin"]
    assert list(rows[0]) == columns
    assert len({row["gtin"] for row in rows}) == SIZE
    for row in rows:
        assert parse_gtin(str(row["gtin"])) == row["gtin"]
        assert row["image_url"] == f"images/{row['product_id']}.jpg"
        with Image.open(shop / str(row["image_url"])) as image:
            image.load()
            assert image.format == "JPEG"


def test_the_database_also_holds_inactive_products_and_one_without_image(shop: Path) -> None:
    with closing(sqlite3.connect(shop / "shop.sqlite")) as database:
        (inactive,) = database.execute("select count(*) from products where status = 'inactive'").fetchone()
        (bare,) = database.execute(
            "select count(*) from products where id not in (select product_id from images)"
        ).fetchone()
        assert database.execute("pragma foreign_key_check").fetchall() == []
    assert (inactive, bare) == (1, 1)


def test_every_query_photo_is_there_and_names_an_exported_product(shop: Path) -> None:
    products = {row["product_id"]: row for row in exported(shop)}
    with (shop / "queries.csv").open(newline="") as file:
        queries = list(csv.DictReader(file))
    assert len(queries) == QUERIES
    assert len({query["group"] for query in queries}) >= 5
    for query in queries:
        assert query["category"] == products[query["product_id"]]["category"]
        with Image.open(shop / query["photo"]) as photo:
            assert photo.size == (720, 960)
            photo.load()


def test_the_samples_name_exported_products(shop: Path) -> None:
    names = {row["product_id"]: row["name"] for row in exported(shop)}
    samples = json.loads((shop / "samples" / "samples.json").read_text())
    assert len(samples) == SAMPLES
    for sample in samples:
        assert names[sample["product_id"]] == sample["title"]
        assert (shop / "samples" / sample["photo"]).is_file()


def test_one_sample_shows_the_barcode_of_its_product(shop: Path) -> None:
    gtins = {row["product_id"]: row["gtin"] for row in exported(shop)}
    samples = json.loads((shop / "samples" / "samples.json").read_text())
    read = {
        sample["product_id"]: [code.gtin for code in read_barcodes(read_photo(shop / "samples" / sample["photo"]))]
        for sample in samples
    }
    ((product_id, codes),) = ((product_id, codes) for product_id, codes in read.items() if codes)
    assert codes == [gtins[product_id]]


def test_an_interrupted_run_continues_where_it_stopped(shop: Path, tmp_path: Path) -> None:
    expected = contents(shop)
    lost = sorted(name for name in expected if name.endswith(".jpg"))[::9]
    for name, content in expected.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name not in lost:
            path.write_bytes(content)
    (tmp_path / "images" / ".KD-00001.jpg.abc.part").write_bytes(b"half")
    before = moments(tmp_path)
    create_shop(tmp_path, size=SIZE, workers=1)
    assert contents(tmp_path) == expected
    after = moments(tmp_path)
    kept = set(expected) - set(lost) - {"recipe.json"}
    assert all(after[name] == before[name] for name in kept)


def test_an_interruption_in_the_middle_leaves_only_whole_files(tmp_path: Path) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_shop(tmp_path, size=SIZE, workers=1, progress=stop)
    pictures = list((tmp_path / "images").iterdir())
    assert len(pictures) == 5
    for path in pictures:
        with Image.open(path) as image:
            image.load()


def create_packshots(folder: Path, size: int, seed: int) -> dict[str, bytes]:
    """What a run interrupted before its photos leaves behind."""

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "photos":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_shop(folder, size=size, seed=seed, workers=1, progress=stop)
    return contents(folder)


def test_a_changed_recipe_starts_afresh_and_leaves_no_old_picture(tmp_path: Path) -> None:
    first = create_packshots(tmp_path / "shop", 14, 1)
    second = create_packshots(tmp_path / "shop", 13, 7)
    assert len(exported(tmp_path / "shop")) == 13
    assert len(first) == len(second) + 1
    assert second == create_packshots(tmp_path / "new", 13, 7)


def test_a_finished_shop_is_left_unchanged_and_progress_says_so(shop: Path) -> None:
    before, reports = moments(shop), []
    create_shop(shop, size=SIZE, workers=1, progress=lambda *report: reports.append(report))
    assert reports == [("packshots", SIZE + 1, SIZE + 1), ("photos", QUERIES + SAMPLES, QUERIES + SAMPLES)]
    after = moments(shop)
    assert {name: at for name, at in after.items() if name != "recipe.json"} == {
        name: at for name, at in before.items() if name != "recipe.json"
    }


def test_progress_counts_up_to_the_total(tmp_path: Path) -> None:
    reports: list[tuple[str, int, int]] = []

    def note(stage: str, done: int, total: int) -> None:
        reports.append((stage, done, total))
        if stage == "photos":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_shop(tmp_path, size=3, workers=1, progress=note)
    assert reports == [*(("packshots", done, 4) for done in range(5)), ("photos", 0, QUERIES + 3)]


def test_a_folder_with_something_else_is_refused_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(CatalogueError, match="holds something else"):
        create_shop(tmp_path, size=3)
    assert contents(tmp_path) == {"images/holiday.jpg": b"mine"}


def test_a_shop_without_products_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="at least 1 product, got 0"):
        create_shop(tmp_path, size=0)


def test_a_second_process_is_told_to_wait(tmp_path: Path) -> None:
    def again(stage: str, done: int, total: int) -> None:
        create_shop(tmp_path / "shop", size=3, workers=1)

    with pytest.raises(CatalogueError, match="another process"):
        create_shop(tmp_path / "shop", size=3, workers=1, progress=again)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the worker processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_no_worker_outlives_the_run_and_every_picture_is_whole(tmp_path: Path, how: signal.Signals) -> None:
    program = (
        "import sys, pathlib, recsys.demo.shop as s; s.create_shop(pathlib.Path(sys.argv[1]), size=900, workers=2)"
    )
    images = tmp_path / "shop" / "images"
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "shop")], stderr=subprocess.DEVNULL) as run:
        wait_until(lambda: images.exists() and len(list(images.glob("KD-*.jpg"))) > 12)
        workers = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        run.send_signal(how)
        assert run.wait(timeout=30) != 0
    assert len(workers) >= 2
    wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    for path in images.glob("KD-*.jpg"):
        with Image.open(path) as image:
            image.load()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
