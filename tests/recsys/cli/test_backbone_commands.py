"""Weights added or downloaded on the command line, and what works with them afterwards."""

import json
import os
import shutil
from pathlib import Path

import pytest

from recsys.catalogue.products import images_of, load_catalogue
from recsys.num_matches import NUM_MATCHES
from tests.command_line import recsys, succeeded
from tests.weights_mirror import MOBILENET, seeded_weights, serving

pytestmark = pytest.mark.usefixtures("loaded_networks", "quick_calibration")


@pytest.fixture(autouse=True)
def keras_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide this machine's Keras cache from the test."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def done(home: Path, *arguments: object) -> str:
    return succeeded(recsys(*arguments, home=home))


def status_line(home: Path, name: str) -> str:
    """The line of `backbones` about a backbone, without its speed."""
    (line,) = (line for line in done(home, "backbones").splitlines() if line.startswith(f"{name} "))
    return " ".join(line.split()[1:7])


def test_added_weights_search_evaluate_and_compare_as_the_bundled_ones_do(
    home: Path, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    assert status_line(home, MOBILENET.name) == "can be fetched 9 MB 1,280"
    downloaded = shutil.copy(seeded_weights(pytestconfig), tmp_path / "downloaded")
    assert done(home, "backbones", "add", MOBILENET.name, downloaded) == f"{MOBILENET.name}: ready (your file)\n"
    assert done(home, "embed", MOBILENET.name) == f"{MOBILENET.name}: 16 encoded, 0 there already.\n"
    assert status_line(home, MOBILENET.name) == "ready (your file) 9 MB 1,280"

    product = load_catalogue(home / "cache").by_id["coffee-1"]
    photo = images_of(home / "cache").display_path(product.image_key)
    found = json.loads(done(home, "search", photo, "--backbone", MOBILENET.name, "--json"))
    assert (found["backbone"], len(found["matches"])) == (MOBILENET.name, NUM_MATCHES)
    assert found["matches"][0]["similarity"] <= 1

    queries = tmp_path / "queries.csv"
    queries.write_text(f"photo,product_id\n{os.path.relpath(photo, tmp_path)},coffee-1\n")
    measured = json.loads(done(home, "evaluate", "--queries", queries, "--backbone", MOBILENET.name, "--json"))
    assert measured["results"][0]["groups"]["all"]["num_queries"] == 1
    compared = json.loads(done(home, "evaluate", "--queries", queries, "--compare", MOBILENET.name, "cosine", "--json"))
    assert [result["backbone"] for result in compared["results"]] == [MOBILENET.name, "EfficientNetLite0"]


def test_missing_weights_do_not_block_the_others(home: Path, pytestconfig: pytest.Config) -> None:
    with serving(seeded_weights(pytestconfig)) as mirror:
        names = ("VGG16", MOBILENET.name, "VGG19")
        result = recsys("backbones", "fetch", *names, home=home, RECSYS_WEIGHTS_MIRROR=mirror.address)
    assert (result.returncode, result.stdout) == (1, f"{MOBILENET.name}: ready (official)\n")
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert ["VGG16" in error for error in errors] == [True, False]
    assert all("recsys backbones add VGG1" in error for error in errors)
