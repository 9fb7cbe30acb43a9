"""The commands: what they print, where, and their exit status; one of each kind as a real process."""

import copy
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from PIL import Image

from embeddings.models.backbones import BACKBONES
from recsys.catalogue.products import images_of, load_catalogue
from recsys.num_matches import NUM_MATCHES
from tests.barcode_pictures import barcode, photo_with
from tests.command_line import recsys, recsys_process
from tests.kept import lose_kept
from tests.small_shop import GTIN, WITH_BARCODE

pytestmark = pytest.mark.usefixtures("loaded_networks")


@pytest.fixture
def photo(home: Path) -> Path:
    product = load_catalogue(home / "cache").by_id["coffee-1"]
    return images_of(home / "cache").display_path(product.image_key)


def test_search_prints_the_products_and_the_time(home: Path, photo: Path) -> None:
    result = recsys_process("search", photo, "--top", 3, home=home)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 3
    assert "coffee-1  Product coffee-1" in result.stdout.splitlines()[0]
    assert "16 products, EfficientNetLite0: encoded in" in result.stderr


def test_search_with_json_prints_one_object_and_nothing_else(home: Path, photo: Path) -> None:
    result = recsys("search", photo, "--backbone", "EfficientNetLite0", "--ranking", "cosine", "--json", home=home)
    content = json.loads(result.stdout)
    assert [match["rank"] for match in content["matches"]] == list(range(1, NUM_MATCHES + 1))
    assert content["matches"][0]["product_id"] == "coffee-1"


def test_search_says_whose_barcode_a_photo_shows(home: Path, tmp_path: Path) -> None:
    for gtin in (GTIN, "96385074"):
        Image.fromarray(photo_with(barcode(gtin))).save(tmp_path / f"{gtin}.png")
    lines = recsys("search", tmp_path / f"{GTIN}.png", home=home).stdout.splitlines()
    assert lines[0].endswith(f"{WITH_BARCODE}  Product {WITH_BARCODE}  (same barcode)")
    assert not any("barcode" in line for line in lines[1:])
    missed = recsys("search", tmp_path / "96385074.png", home=home)
    assert "No product of the catalogue has the photo's barcode, 96385074." in missed.stderr


def test_evaluate_prints_a_table_or_json(home: Path, photo: Path, tmp_path: Path) -> None:
    queries = tmp_path / "queries.csv"
    queries.write_text(
        f"photo,product_id,group\n{os.path.relpath(photo, tmp_path)},coffee-1,cups\nnone.jpg,coffee-1,\n"
    )
    table = recsys("evaluate", "--queries", queries, home=home)
    assert "cups" in table.stdout
    assert "1.000 [1.000, 1.000]" in table.stdout
    assert "skipped" in table.stderr
    content = json.loads(recsys("evaluate", "--queries", queries, "--json", home=home).stdout)
    assert content["results"][0]["groups"]["cups"]["hit@1"] == 1


@pytest.mark.usefixtures("quick_calibration")
def test_import_and_embed_build_a_catalogue_and_report_it(
    tmp_path: Path, shop_csv: Path, networks_folder: Path
) -> None:
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "networks").symlink_to(networks_folder)
    bad = shop_csv.with_name("with-a-bad-row.csv")
    bad.write_text(shop_csv.read_text() + "lost,Lost,,,,,lost.jpg,\n")
    result = recsys("catalogue", "import", bad, "--report", tmp_path / "report.json", home=home)
    assert result.stdout == "16 imported, 0 unchanged, 0 kept, 0 removed, 1 skipped.\n"
    assert "skipped lost: " in result.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["imported"] == 16
    assert report["skipped"][0]["product_id"] == "lost"
    assert recsys("embed", home=home).stdout == "EfficientNetLite0: 16 encoded, 0 there already.\n"
    assert recsys("embed", "EfficientNetLite0", home=home).stdout.endswith("0 encoded, 16 there already.\n")


def test_export_takes_the_database_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("select 1 as product_id, 'Susu' as name, 'a.jpg' as image_url")
    url = f"sqlite:///{tmp_path / 'shop.sqlite'}"
    sqlite3.connect(tmp_path / "shop.sqlite").close()
    arguments = ("catalogue", "export", "--sql", tmp_path / "q.sql", "--out", tmp_path / "out.csv")
    result = recsys(*arguments, home=tmp_path, RECSYS_SHOP_DATABASE_URL=url)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"1 rows exported to {tmp_path / 'out.csv'}.\n"
    assert recsys(*arguments, home=tmp_path).returncode == 2


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("search", "no-such-photo.jpg"), "Error: Expected a picture at no-such-photo.jpg, which cannot be read"),
        (("search", "Makefile"), "Error: Expected a picture (JPEG"),
        (("evaluate", "--queries", "none.csv"), "Error: Expected a UTF-8 CSV of labelled photos at none.csv"),
        (("catalogue", "import", "none.csv"), "Error: Expected"),
        (("embed", "VGG16"), "Error: Expected the weights of VGG16"),
    ],
)
def test_a_known_error_is_one_line_and_status_1(home: Path, arguments: tuple[str, ...], said: str) -> None:
    result = recsys(*arguments, home=home)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith(said)


def test_a_process_ends_after_a_known_error_as_the_command_does(home: Path) -> None:
    process = recsys_process("search", "no-such-photo.jpg", home=home)
    command = recsys("search", "no-such-photo.jpg", home=home)
    assert (process.returncode, process.stdout, process.stderr) == (1, "", command.stderr)


def test_a_file_that_the_machine_refuses_is_one_line_and_status_1(home: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    result = recsys("survey", "export", "--out", tmp_path / "folder", home=home)
    assert result.returncode == 1
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("Error: ")


def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    result = recsys("search", "x.jpg", home=tmp_path)
    assert result.returncode == 1
    assert "python -m recsys demo" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("search",),
        ("search", "x.jpg", "--backbone", "AlexNet"),
        ("search", "x.jpg", "--ranking", "best"),
        ("search", "x.jpg", "--top", "0"),
        ("embed", "AlexNet"),
        ("nonsense",),
        ("catalogue", "export", "--sql", "a.sql"),
    ],
)
def test_wrong_usage_is_status_2(home: Path, arguments: tuple[str, ...]) -> None:
    result = recsys(*arguments, home=home)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_a_process_ends_after_wrong_usage_as_the_command_does(home: Path) -> None:
    process = recsys_process("search", "x.jpg", "--top", 0, home=home)
    assert (process.returncode, process.stdout) == (2, "")
    assert "Traceback" not in process.stderr


def listed(home: Path) -> dict[str, str]:
    result = recsys("backbones", home=home)
    assert (result.returncode, result.stderr) == (0, "")
    heading, *lines = result.stdout.splitlines()
    assert heading.split() == ["name", "state", "size", "vector", "indexed", "speed", "here"]
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


def test_every_backbone_is_listed_with_its_state_and_what_is_indexed(home: Path) -> None:
    lines = listed(home)
    assert set(lines) == set(BACKBONES)
    assert lines["ResNet50"] == "can be fetched 95 MB 2,048 - -"
    assert lines["EfficientNetLite0"] == "bundled 19 MB 1,280 16 -"
    assert lines["EfficientNetLite1"] == "bundled 22 MB 1,280 - -"


@pytest.mark.usefixtures("quick_calibration")
def test_vectors_of_another_catalogue_are_listed_as_stale_and_encoding_reports_the_speed(home: Path) -> None:
    path = home / "cache" / "catalogue.json"
    content = json.loads(path.read_text())
    content["products"].pop()
    other = copy.deepcopy(content)
    other["products"][0]["image_key"] = "f" * 64
    path.write_text(json.dumps(other))
    assert listed(home)["EfficientNetLite0"] == "bundled 19 MB 1,280 stale -"
    path.write_text(json.dumps(content))
    lose_kept(home / "cache")
    assert recsys("embed", home=home).returncode == 0
    line = listed(home)["EfficientNetLite0"]
    assert line.startswith("bundled 19 MB 1,280 15 ")
    assert float(line.split()[5].replace(",", "")) > 1
    assert line.endswith("pictures/s")


def test_backbones_are_listed_without_a_catalogue(tmp_path: Path) -> None:
    assert listed(tmp_path)["EfficientNetLite0"] == "bundled 19 MB 1,280 - -"


def test_names_of_the_shop_cannot_steer_the_terminal(home: Path, photo: Path) -> None:
    path = home / "cache" / "catalogue.json"
    path.write_text(path.read_text().replace("Product coffee-1", "Evil\\u001b[2J\\u0007\\nname"))
    result = recsys("search", photo, home=home)
    assert "Evil" in result.stdout
    assert not set("\x1b\x07") & set(result.stdout)
    assert len(result.stdout.splitlines()) == NUM_MATCHES


def test_json_keeps_every_character_of_a_name(home: Path, photo: Path) -> None:
    path = home / "cache" / "catalogue.json"
    name = "\u202eSusu\u00a0\u200bbaris\u001b[2J \U0001f95b"
    path.write_text(path.read_text().replace('"Product coffee-1"', json.dumps(name)))
    result = recsys("search", photo, "--json", home=home)
    assert json.loads(result.stdout)["matches"][0]["name"] == name
    assert result.stdout.isascii()
    assert "\x1b" not in result.stdout


def test_a_refined_search_says_what_is_certain_and_what_is_missing(
    described_home: Path, shop_csv: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(described_home, tmp_path / "home", symlinks=True)
    there = recsys("search", shop_csv.parent / "coffee-2.jpg", "--ranking", "refined", home=home)
    assert "coffee-2  Product coffee-2  (the same product)" in there.stdout.splitlines()[0]
    assert "nothing like it" not in there.stderr
    Image.new("RGB", (640, 480), (200, 190, 180)).save(tmp_path / "wall.jpg")
    wall = recsys("search", tmp_path / "wall.jpg", "--ranking", "refined", home=home)
    assert len(wall.stdout.splitlines()) == NUM_MATCHES
    assert "(the same product)" not in wall.stdout
    assert "the catalogue seems to have nothing like it" in wall.stderr
