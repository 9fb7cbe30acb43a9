"""From a CSV and its pictures to a catalogue."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embeddings.imaging.photos import RGB, encode_jpeg, resize_as_studied
from recsys.catalogue.image_downloads import DownloadLimits
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of, load_catalogue
from recsys.catalogue.report import report_json
from tests.recsys.catalogue.local_shop import WriteCsv, counts, kept_files, local_shop
from tests.recsys.catalogue.shop_server import ShopServer, answer, picture


def test_a_csv_becomes_a_catalogue_in_its_order_with_two_sizes_of_each_picture(
    write_csv: WriteCsv, cache: Path
) -> None:
    report = import_catalogue(local_shop(write_csv, 3), cache, origin="demo")
    catalogue = load_catalogue(cache)
    assert counts(report) == (3, 0, 0, 0, 0)
    assert [(product.product_id, product.name) for product in catalogue.products] == [
        ("0", "Susu 0"),
        ("1", "Susu 1"),
        ("2", "Susu 2"),
    ]
    assert catalogue.origin == "demo"
    assert kept_files(cache) == {f"{size}/{key}.jpg" for size in (240, 640) for key in catalogue.image_keys}
    assert not (cache / "import.journal").exists()


def test_the_kept_sizes_are_the_studys_and_at_most_640_pixels(write_csv: WriteCsv, cache: Path) -> None:
    path = write_csv([("1", "Susu", "1.jpg")])
    (path.parent / "1.jpg").write_bytes(picture(1, size=(1000, 500)))
    import_catalogue(path, cache)
    key = load_catalogue(cache).image_keys[0]
    with Image.open(images_of(cache).study_path(key)) as study, Image.open(images_of(cache).display_path(key)) as shown:
        assert (study.size, shown.size) == ((240, 240), (640, 320))


@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut", "rocket"])
def test_what_is_encoded_differs_from_the_studys_resize_by_nothing_visible(
    write_csv: WriteCsv, cache: Path, photographs: dict[str, RGB], name: str
) -> None:
    path = write_csv([("1", "Susu", "1.png")])
    Image.fromarray(photographs[name]).save(path.parent / "1.png")
    import_catalogue(path, cache)
    with Image.open(images_of(cache).study_path(load_catalogue(cache).image_keys[0])) as kept:
        error = np.asarray(kept, float) - resize_as_studied(photographs[name])
    assert 10 * np.log10(255**2 / np.mean(error**2)) > 42  # PSNR in dB


def test_anything_that_is_not_a_picture_is_skipped_and_the_rest_is_imported(
    server: ShopServer, write_csv: WriteCsv, cache: Path, limits: DownloadLimits
) -> None:
    page = answer(b"<!doctype html><title>Not found</title>", Content_Type="image/jpeg")
    rows = [
        ("html", "Susu", server.put("/page.jpg", page)),
        ("truncated", "Susu", server.put("/cut.jpg", answer(picture(9, size=(400, 400))[:1500]))),
        ("empty", "Susu", server.put("/empty.jpg", answer(b""))),
        ("missing", "Susu", f"{server.url}/nowhere.jpg"),
        ("file", "Susu", "file:///etc/hostname"),
        ("javascript", "Susu", "javascript:alert(1)"),
        ("outside", "Susu", "../../etc/hostname"),
        ("", "Susu", server.url),
        ("good", "Susu", server.put("/good.txt", answer(picture(1), Content_Type="text/plain"))),
        ("twin", "Susu", f"{server.url}/good.txt"),
    ]
    report = import_catalogue(write_csv(rows), cache, limits=limits)
    assert counts(report) == (2, 0, 0, 0, 8)
    reasons = {row.product_id: row.reason for row in report.skipped}
    expected = {
        "html": "HTML",
        "truncated": "incomplete",
        "empty": "empty",
        "missing": "404",
        "file": "'file'",
        "javascript": "'javascript'",
        "outside": "outside",
        "row 9": "product_id",
    }
    assert reasons.keys() == expected.keys()
    for product_id, word in expected.items():
        assert word in reasons[product_id]
    assert server.count("/good.txt") == 1


def test_the_report_keeps_its_contract(write_csv: WriteCsv, cache: Path) -> None:
    path = local_shop(write_csv, 1)
    path.write_text(path.read_text() + "2,,b.jpg\n")
    content = report_json(import_catalogue(path, cache))
    assert {name: content[name] for name in ("imported", "unchanged", "kept", "removed")} == {
        "imported": 1,
        "unchanged": 0,
        "kept": 0,
        "removed": 0,
    }
    assert content["skipped"][0].keys() == {"product_id", "reason"}
    assert json.loads(json.dumps(content)) == content


def test_notes_are_of_products_that_went_in(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture(1))
    (tmp_path / "shop.csv").write_text(
        "product_id,name,image_url,price\nthere,Susu,a.jpg,15.000\nlost,Susu,lost.jpg,15.000\n"
    )
    report = import_catalogue(tmp_path / "shop.csv", cache)
    assert [note.product_id for note in report.notes] == ["there"]
    assert [row.product_id for row in report.skipped] == ["lost"]


def test_local_pictures_that_did_not_change_are_not_read_again(write_csv: WriteCsv, cache: Path) -> None:
    path = local_shop(write_csv, 3)
    import_catalogue(path, cache)
    status = (path.parent / "1.jpg").stat()
    (path.parent / "1.jpg").write_bytes(b"x" * status.st_size)  # would be refused if it were read
    os.utime(path.parent / "1.jpg", ns=(status.st_atime_ns, status.st_mtime_ns))
    (path.parent / "2.jpg").write_bytes(picture(77))
    assert counts(import_catalogue(path, cache)) == (1, 2, 0, 0, 0)


def test_pictures_from_the_web_are_asked_about_and_not_fetched_again(
    server: ShopServer, write_csv: WriteCsv, cache: Path, limits: DownloadLimits
) -> None:
    tagged, new, gone = answer(picture(1), ETag='"1"'), answer(picture(2), ETag='"2"'), answer(b"", status=404)
    urls = [
        server.put("/same.jpg", tagged, answer(b"", status=304)),
        server.put("/changed.jpg", tagged, new),
        server.put("/gone.jpg", tagged, gone),
        server.put("/plain.jpg", answer(picture(4)), gone),
    ]
    path = write_csv([(url.rpartition("/")[2], "Susu", url) for url in urls])
    import_catalogue(path, cache, limits=limits)
    server.requests.clear()
    report = import_catalogue(path, cache, limits=limits)
    assert counts(report) == (1, 2, 1, 0, 0)
    assert [row.product_id for row in report.kept_rows] == ["gone.jpg"]
    assert sorted((asked, headers.get("If-None-Match")) for asked, headers in server.requests) == [
        ("/changed.jpg", '"1"'),
        ("/gone.jpg", '"1"'),
        ("/same.jpg", '"1"'),
    ]


def test_a_product_whose_picture_now_fails_keeps_the_old_one_with_its_new_texts(
    server: ShopServer, write_csv: WriteCsv, cache: Path, limits: DownloadLimits
) -> None:
    old = server.put("/old.jpg", answer(picture(1)))
    import_catalogue(write_csv([("1", "Susu", old)]), cache, limits=limits)
    key = load_catalogue(cache).image_keys[0]
    path = write_csv([("1", "Susu Baru", f"{server.url}/new.jpg")])
    assert counts(import_catalogue(path, cache, limits=limits)) == (0, 0, 1, 0, 0)
    product = load_catalogue(cache).products[0]
    assert (product.name, product.image_key) == ("Susu Baru", key)

    server.put("/new.jpg", answer(picture(2)))
    assert counts(import_catalogue(path, cache, limits=limits)) == (1, 0, 0, 0, 0)
    assert load_catalogue(cache).image_keys[0] != key


def test_a_product_whose_row_lost_its_name_is_skipped_and_removed(write_csv: WriteCsv, cache: Path) -> None:
    path = local_shop(write_csv, 3)
    import_catalogue(path, cache)
    path.write_text(path.read_text().replace("Susu 1", ""))
    assert counts(import_catalogue(path, cache)) == (0, 2, 0, 1, 1)


def test_progress_reaches_the_number_of_pictures(write_csv: WriteCsv, cache: Path) -> None:
    seen: list[tuple[int, int]] = []
    import_catalogue(local_shop(write_csv, 4), cache, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_file_names_never_come_from_the_shop(write_csv: WriteCsv, cache: Path) -> None:
    path = write_csv([("../../evil", "../evil", "e vil.jpg")])
    (path.parent / "e vil.jpg").write_bytes(picture(1))
    import_catalogue(path, cache)
    assert load_catalogue(cache).products[0].product_id == "../../evil"
    assert all(set(Path(name).stem) <= set("0123456789abcdef") for name in kept_files(cache))
    assert not [found for found in path.parents[1].rglob("*evil*") if found.suffix != ".jpg"]


def test_the_parallel_limit_holds(server: ShopServer, write_csv: WriteCsv, cache: Path, limits: DownloadLimits) -> None:
    under_way, most = [], []

    def slow(number: int) -> Callable[..., None]:
        def respond(handler: object) -> None:
            under_way.append(number)
            most.append(len(under_way))
            server.stopped.wait(0.02)
            under_way.remove(number)
            answer(picture(number))(handler)

        return respond

    rows = [(str(number), "Susu", server.put(f"/{number}.jpg", slow(number))) for number in range(20)]
    import_catalogue(write_csv(rows), cache, limits=replace(limits, parallel=4))
    assert 1 < max(most) <= 4


def test_a_picture_that_was_encoded_differently_has_another_key(write_csv: WriteCsv, cache: Path) -> None:
    path = write_csv([("1", "Susu", "1.jpg"), ("2", "Susu", "2.jpg"), ("3", "Susu", "3.jpg")])
    pixels = np.full((40, 40, 3), 90, np.uint8)
    for name, quality in (("1.jpg", 90), ("2.jpg", 90), ("3.jpg", 50)):
        (path.parent / name).write_bytes(encode_jpeg(pixels, quality=quality))
    import_catalogue(path, cache)
    first, second, third = load_catalogue(cache).image_keys
    assert first == second != third


def test_a_password_in_an_address_is_used_and_never_kept(
    server: ShopServer, write_csv: WriteCsv, cache: Path, limits: DownloadLimits
) -> None:
    plain = server.put("/a.jpg", answer(picture(1), ETag='"1"'))
    path = write_csv([("1", "Susu", plain.replace("http://", "http://user:sesame@") + "?token=hush")])
    server.answers["/a.jpg?token=hush"] = server.answers["/a.jpg"]
    assert counts(import_catalogue(path, cache, limits=limits)) == (1, 0, 0, 0, 0)
    assert counts(import_catalogue(path, cache, limits=limits)) == (0, 1, 0, 0, 0)
    assert "Authorization" in server.requests[0][1]
    assert server.requests[1][1]["If-None-Match"] == '"1"'
    kept = b"".join(file.read_bytes() for file in cache.rglob("*") if file.is_file())
    assert b"sesame" not in kept
    assert b"hush" not in kept


def test_a_picture_of_many_products_is_noted_once_as_a_placeholder(write_csv: WriteCsv, cache: Path) -> None:
    path = local_shop(write_csv, 32)
    for number in range(22):
        (path.parent / f"{number}.jpg").write_bytes(picture(500 + number // 12))
    report = import_catalogue(path, cache)
    (note,) = report.notes
    assert "22 products" in note.reason
    assert "0.jpg (12 products), 12.jpg (10 products)" in note.reason
    assert list(load_catalogue(cache).placeholder_keys.values()) == [12, 10]
