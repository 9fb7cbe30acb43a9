"""Weights that somebody adds or fetches on the command line, and what works with them from then on."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recsys.catalogue.products import images_of, load_catalogue
from tests.weights_mirror import SMALL, seeded_weights, serving

ROOT = Path(__file__).parents[3]


def recsys(home: Path, *arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "recsys", *map(str, arguments)],
        env={**os.environ, "RECSYS_HOME": str(home), "KERAS_HOME": str(home / "keras"), **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def done(home: Path, *arguments: object, **environment: str) -> str:
    result = recsys(home, *arguments, **environment)
    assert result.returncode == 0, result.stderr
    return result.stdout


def standing(home: Path, name: str) -> str:
    """What `backbones` says of a backbone, without its speed."""
    (line,) = (line for line in done(home, "backbones").splitlines() if line.startswith(f"{name} "))
    return " ".join(line.split()[1:7])


def test_added_weights_search_evaluate_and_compare_as_the_bundled_ones_do(
    home: Path, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    assert standing(home, SMALL.name) == "can be fetched 9 MB 1,280"
    downloaded = shutil.copy(seeded_weights(pytestconfig), tmp_path / "downloaded")
    assert done(home, "backbones", "add", SMALL.name, downloaded) == f"{SMALL.name}: ready (your file)\n"
    assert done(home, "embed", SMALL.name) == f"{SMALL.name}: 16 encoded, 0 there already.\n"
    assert standing(home, SMALL.name) == "ready (your file) 9 MB 1,280"

    product = load_catalogue(home / "cache").by_id["coffee-1"]
    photo = images_of(home / "cache").display_path(product.image_key)
    found = json.loads(done(home, "search", photo, "--backbone", SMALL.name, "--json"))
    assert (found["backbone"], len(found["matches"])) == (SMALL.name, 5)
    assert found["matches"][0]["similarity"] <= 1

    queries = tmp_path / "queries.csv"
    queries.write_text(f"photo,product_id\n{os.path.relpath(photo, tmp_path)},coffee-1\n")
    measured = json.loads(done(home, "evaluate", "--queries", queries, "--backbone", SMALL.name, "--json"))
    assert measured["results"][0]["groups"]["all"]["num_queries"] == 1
    compared = json.loads(done(home, "evaluate", "--queries", queries, "--compare", SMALL.name, "cosine", "--json"))
    assert [result["backbone"] for result in compared["results"]] == [SMALL.name, "EfficientNetLite0"]


def test_weights_that_cannot_be_had_keep_nobody_from_the_others(home: Path, pytestconfig: pytest.Config) -> None:
    with serving(seeded_weights(pytestconfig)) as mirror:
        result = recsys(home, "backbones", "fetch", "VGG16", SMALL.name, "VGG19", RECSYS_WEIGHTS_MIRROR=mirror.address)
    assert (result.returncode, result.stdout) == (1, f"{SMALL.name}: ready (official)\n")
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert ["VGG16" in error for error in errors] == [True, False]
    assert all("Three ways to get them" in error for error in errors)
