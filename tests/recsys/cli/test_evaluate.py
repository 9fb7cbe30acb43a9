"""`evaluate` from outside, on a shop for which two backbones have vectors."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from embeddings.imaging.photos import RGB, encode_jpeg
from embeddings.models.backbones import BACKBONES
from embeddings.models.runtime import Networks
from recsys.catalogue.products import load_catalogue
from recsys.indexing.catalogue_descriptions import describe_catalogue
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.search.rankings import RANKINGS
from tests.command_line import Finished, recsys, succeeded

pytestmark = pytest.mark.usefixtures("loaded_networks")

LITE0, LITE1 = "EfficientNetLite0", "EfficientNetLite1"


@pytest.fixture(scope="module")
def two_backbones(searchable_home: Path, networks: Networks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = shutil.copytree(searchable_home, tmp_path_factory.mktemp("two") / "home", symlinks=True)
    catalogue = load_catalogue(home / "cache")
    embed_catalogue(catalogue, home / "cache", BACKBONES[LITE1], networks)
    describe_catalogue(catalogue, home / "cache", BACKBONES[LITE0], networks)
    return home


@pytest.fixture
def home(two_backbones: Path, tmp_path: Path) -> Path:
    return shutil.copytree(two_backbones, tmp_path / "home", symlinks=True)


@pytest.fixture(scope="module")
def queries(photographs: dict[str, RGB], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hard photos: each quarter of a photograph upside down, half of them labelled as their neighbour."""
    folder = tmp_path_factory.mktemp("queries")
    rows = ["photo;product_id;group"]
    for name, photo in photographs.items():
        height, width = photo.shape[0] // 2, photo.shape[1] // 2
        for quarter in range(4):
            top, left = quarter // 2 * height, quarter % 2 * width
            turned = photo[top : top + height, left : left + width][::-1]
            (folder / f"{name}-{quarter}.jfif").write_bytes(encode_jpeg(turned, quality=40))
            label = quarter if name in ("coffee", "chelsea") else 3 - quarter
            rows.append(f"{name}-{quarter}.jfif;{name}-{label};{'things' if name in ('coffee', 'rocket') else ''}")
    (folder / "queries.csv").write_text("\n".join(rows))
    return folder / "queries.csv"


def evaluate(home: Path, queries: Path, *arguments: object) -> Finished:
    return recsys("evaluate", "--queries", queries, *arguments, home=home)


def as_json(home: Path, queries: Path, *arguments: object) -> dict:
    return json.loads(succeeded(evaluate(home, queries, *arguments, "--json")))


def test_two_backbones_are_compared_photo_by_photo_and_each_has_its_own_sheet_of_misses(
    home: Path, queries: Path, tmp_path: Path
) -> None:
    content = as_json(home, queries, "--compare", LITE0, f"{LITE1}:cosine", "--misses", tmp_path / "sheet.png")
    names = sorted(path.name for path in tmp_path.glob("*.png"))
    assert names == [f"sheet-{LITE0}-cosine.png", f"sheet-{LITE1}-cosine.png"]
    first, second = content["results"]
    assert (first["backbone"], second["backbone"]) == (LITE0, LITE1)
    comparison = content["comparison"]
    assert (comparison["a"]["backbone"], comparison["b"]["backbone"]) == (LITE0, LITE1)
    assert comparison["groups"]["all"]["num_queries"] == 16
    assert comparison["groups"]["things"]["num_queries"] == 8
    for group, differences in comparison["groups"].items():
        for metric in ("hit@1", "hit@5", "mrr", "map"):
            found = differences[metric]
            before, after = first["groups"][group][metric], second["groups"][group][metric]
            assert (found["a"], found["b"]) == pytest.approx((before, after))
            assert found["ci95"][0] <= found["difference"] <= found["ci95"][1]
    hits = comparison["groups"]["all"]["hit@1"]
    came_first = [query for query in comparison["won"] if query["rank_b"] == 1]
    assert hits["won"] == len(came_first)
    assert all(query["rank_b"] > query["rank_a"] for query in comparison["lost"])


def test_a_comparison_can_be_made_later_from_kept_runs_and_printed_for_people(home: Path, queries: Path) -> None:
    now = as_json(home, queries, "--compare", LITE0, LITE1)["comparison"]
    for backbone in (LITE0, LITE1):
        shutil.rmtree(home / "cache" / "embeddings" / backbone)  # nothing could be measured again
    kept = ("--compare", now["a"]["run"], now["b"]["run"])
    assert as_json(home, queries, *kept)["comparison"] == now
    lines = succeeded(evaluate(home, queries, *kept)).splitlines()
    assert any(line.startswith(f"A  {LITE0}:cosine, kept as 20") for line in lines)
    assert any(
        line.split()[:3] == ["all", "16", "hit@1"] and line.endswith(("real", "may be chance")) for line in lines
    )
    assert any(line.startswith(("won: ", "lost: ")) for line in lines)
    assert any("->" in line and "Product " in line and ".jfif" in line for line in lines)


def test_two_rankings_of_a_backbone_are_compared_by_their_names_alone(home: Path, queries: Path) -> None:
    content = as_json(home, queries, "--compare", "cosine", "refined", "--backbone", LITE0)
    assert [(result["backbone"], result["ranking"]) for result in content["results"]] == [
        (LITE0, "cosine"),
        (LITE0, "refined"),
    ]


def test_the_worst_misses_are_drawn(home: Path, queries: Path, tmp_path: Path) -> None:
    sizes = []
    for name, worst in {"sheet.png": 3, "sheet.jpg": 2}.items():
        result = evaluate(home, queries, "--misses", tmp_path / name, "--worst", worst)
        assert result.returncode == 0
        assert f"{name}: {LITE0}:cosine: the worst {worst} of " in result.stderr
        with Image.open(tmp_path / name) as sheet:
            sheet.load()
            sizes.append(sheet.size)
    three, two = sizes
    assert two[0] == three[0]
    assert two[1] < three[1]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("--compare", LITE0, "best"), "'best' is not a setting"),
        (("--compare", "AlexNet:cosine", LITE0), "'AlexNet:cosine' is not a setting"),
        (("--compare", "cosine", LITE0), "two different settings"),
        (("--compare", LITE0), "requires 2 arguments"),
        (("--compare", LITE0, LITE1, "--backbone", LITE0, "--backbone", LITE1), "at most once"),
        (("--misses", "sheet.gif"), "a name that ends in .jpg, .jpeg, .png"),
        (("--ranking", "best"), f"'best' is not one of {min(RANKINGS)}"),
        (("--worst", "0"), "greater than or equal to 1"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_wrong_usage(
    home: Path, queries: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = evaluate(home, queries, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_a_setting_that_is_not_ready_is_a_known_error(home: Path, queries: Path) -> None:
    result = evaluate(home, queries, "--compare", LITE0, "EfficientNetLite2")
    assert (result.returncode, result.stdout) == (1, "")
    assert "recsys embed EfficientNetLite2" in result.stderr


def test_no_match_prints_a_table_or_json(home: Path, queries: Path) -> None:
    def no_match(*arguments: str) -> str:
        return succeeded(recsys("no-match", "--queries", queries, "--backbone", LITE0, *arguments, home=home))

    table = no_match("--ranking", "cosine").splitlines()
    assert table[1].split()[:4] == ["protocol", "ranking", "gallery", "there"]
    assert [line.split()[:4] for line in table[2:6]] == [
        ["missing", "product", "cosine", "all"],
        ["missing", "product", "cosine", "things"],
        ["other", "aisle", "cosine", "all"],
        ["other", "aisle", "cosine", "things"],
    ]
    results = json.loads(no_match("--json"))["results"]
    assert len(results) == 2 * 2 * len(RANKINGS)
    assert all(0 <= result["auroc"] <= 1 for result in results)
