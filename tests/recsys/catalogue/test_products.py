"""The catalogue's file."""

from pathlib import Path

import pytest

from recsys.catalogue.products import (
    Catalogue,
    ImageSource,
    Product,
    catalogue_json,
    catalogue_path,
    load_catalogue,
)
from recsys.errors import BuildDemo, CatalogueError, ImportCatalogue

CATALOGUE = Catalogue(
    products=(Product("007", "Susu 🥛\n<b>", "ab", price=15000.5, description='"quoted"'), Product("8", "Teh", "cd")),
    sources={"007": ImageSource("http://x/a.jpg", "ab", etag='"1"')},
    origin="demo",
)


def test_a_catalogue_is_read_as_it_was_written(tmp_path: Path) -> None:
    catalogue_path(tmp_path).write_text(catalogue_json(CATALOGUE), encoding="utf-8")
    catalogue = load_catalogue(tmp_path)
    assert catalogue == CATALOGUE
    assert catalogue.image_keys == ("ab", "cd")
    assert catalogue.by_id["8"].name == "Teh"


def test_a_missing_catalogue_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="found none") as caught:
        load_catalogue(tmp_path)
    assert caught.value.remedies == (BuildDemo(), ImportCatalogue())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"format": 1}',
        '{"format": 1, "origin": "", "products": [{"name": "Susu"}], "sources": {}}',
        '{"format": 1, "origin": "", "products": [], "sources": []}',
        catalogue_json(CATALOGUE)[:-20],
    ],
)
def test_a_damaged_catalogue_is_reported(tmp_path: Path, content: str) -> None:
    catalogue_path(tmp_path).write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match="damaged"):
        load_catalogue(tmp_path)


def test_a_catalogue_of_another_version_is_not_guessed_at(tmp_path: Path) -> None:
    catalogue_path(tmp_path).write_text(catalogue_json(CATALOGUE).replace('"format": 1', '"format": 9'))
    with pytest.raises(CatalogueError, match="format 1, got 9"):
        load_catalogue(tmp_path)
