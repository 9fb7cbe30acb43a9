import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from embeddings.backbones import Backbone
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of
from recsys.errors import EvaluationError
from recsys.evaluation import bootstrap_interval, evaluate, evaluation_json, rank_metrics, read_queries
from recsys.recommender import Recommender
from recsys.settings import Settings
from recsys.vectors import embed_catalogue


@pytest.fixture
def recommender(settings: Settings) -> Recommender:
    return Recommender(settings)


def test_metrics_of_a_ranking_counted_by_hand() -> None:
    ranking = np.array([4, 2, 0, 1, 3])  # the target, row 0, is third
    relevant = np.array([True, False, True, False, False])  # at positions 2 and 3
    assert rank_metrics(ranking, 0, relevant) == pytest.approx((0, 1, 1 / 3, (1 / 2 + 2 / 3) / 2))


@pytest.mark.parametrize("position, hits", [(1, (1, 1)), (2, (0, 1)), (5, (0, 1)), (6, (0, 0))])
def test_a_hit_is_a_target_among_the_first_k(position: int, hits: tuple[int, int]) -> None:
    ranking = np.arange(10)
    assert rank_metrics(ranking, position - 1, ranking == position - 1)[:2] == hits


def test_average_precision_is_scikit_learn_s() -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        scores, relevant = random.random(40), random.random(40) < 0.3
        relevant[7] = True
        ranking = np.argsort(-scores)
        assert rank_metrics(ranking, 7, relevant)[3] == pytest.approx(average_precision_score(relevant, scores))


def test_the_interval_of_a_share_is_about_the_normal_one() -> None:
    values = np.repeat([[1.0], [0.0]], [300, 700], axis=0)
    low, high = bootstrap_interval(values)[:, 0]
    half = 1.96 * np.sqrt(0.3 * 0.7 / 1000)
    assert (low, high) == pytest.approx((0.3 - half, 0.3 + half), abs=0.004)


@pytest.fixture
def queries_csv(recommender: Recommender, settings: Settings, tmp_path: Path) -> Path:
    """Each product's own picture as a query, two of them labelled as their neighbour."""
    rows = ["photo,product_id,category,group"]
    for product in recommender.catalogue.products:
        photo = tmp_path / f"{product.product_id}.jpg"
        photo.write_bytes(images_of(settings.cache).study_path(product.image_key).read_bytes())
        wrong = product.product_id in ("coffee-0", "rocket-0")
        label = product.product_id.replace("0", "1") if wrong else product.product_id
        rows.append(f"{photo.name},{label},{product.category},{'things' if product.category == 'coffee' else 'beings'}")
    (tmp_path / "queries.csv").write_text("\n".join(rows))
    return tmp_path / "queries.csv"


def test_quality_is_measured_for_all_and_each_group(
    recommender: Recommender, bundled: Backbone, queries_csv: Path
) -> None:
    result = evaluate(recommender, read_queries(queries_csv), bundled)
    assert {name: group.num_queries for name, group in result.groups.items()} == {"all": 16, "beings": 12, "things": 4}
    assert result.groups["all"].means["hit@1"] == 14 / 16
    assert result.groups["things"].means["hit@1"] == 3 / 4
    assert 14 / 16 < result.groups["all"].means["mrr"] < 1
    for group in result.groups.values():
        for metric, (low, high) in group.ci95.items():
            assert 0 <= low <= group.means[metric] <= high <= 1
    assert not result.skipped


def test_the_json_is_what_the_contract_says(recommender: Recommender, bundled: Backbone, queries_csv: Path) -> None:
    result = evaluate(recommender, read_queries(queries_csv), bundled)
    content = json.loads(json.dumps(evaluation_json([result], 16)))
    assert content["num_products"] == 16
    (entry,) = content["results"]
    assert list(entry) == ["backbone", "ranking", "groups", "encode_ms", "search_ms", "skipped"]
    assert list(entry["groups"]["all"]) == ["num_queries", "hit@1", "hit@5", "mrr", "map", "ci95"]
    assert list(entry["search_ms"]) == ["p50", "p95"]


def test_what_cannot_be_evaluated_is_skipped_with_its_reason(
    recommender: Recommender, bundled: Backbone, queries_csv: Path
) -> None:
    (queries_csv.parent / "page.jpg").write_text("<html></html>")
    with queries_csv.open("a") as file:
        file.write("\npage.jpg,coffee-0,,\nmissing.jpg,coffee-0,,\ncoffee-0.jpg,no-such-product,,\n,coffee-0,,\n")
    result = evaluate(recommender, read_queries(queries_csv), bundled)
    assert result.groups["all"].num_queries == 16
    reasons = [skipped.reason for skipped in result.skipped]
    assert "got a web page" in reasons[0]
    assert "cannot be read" in reasons[1]
    assert "cannot be read" in reasons[3]
    assert reasons[2] == "product no-such-product is not in the catalogue"


def test_queries_of_another_shop_are_an_error(recommender: Recommender, bundled: Backbone, tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text("photo,product_id\na.jpg,elsewhere\n")
    with pytest.raises(EvaluationError, match=r"all 1 were skipped; the first: .*product elsewhere is not in"):
        evaluate(recommender, read_queries(tmp_path / "queries.csv"), bundled)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"photo,name\na.jpg,x\n", "Expected the columns photo and product_id in .*, found photo, name"),
        (b"", "found none"),
        (b"photo,product_id\n", "Expected labelled photos in .*, found none"),
        ("photo,product_id\né.jpg,x\n".encode("latin-1"), "Expected a UTF-8 CSV"),
    ],
)
def test_a_file_that_holds_no_queries_is_said_to(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "queries.csv").write_bytes(content)
    with pytest.raises(EvaluationError, match=said):
        read_queries(tmp_path / "queries.csv")


def test_a_missing_file_of_queries_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="No such file"):
        read_queries(tmp_path / "queries.csv")


def test_the_grocery_photos_give_the_figures_of_an_independent_implementation(
    grocery: Path, tmp_path: Path, networks_folder: Path, bundled: Backbone
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "networks").symlink_to(networks_folder)
    recommender = Recommender(Settings(home=tmp_path))
    assert import_catalogue(grocery / "catalogue.csv", tmp_path / "cache").imported == 81
    embed_catalogue(recommender.catalogue, tmp_path / "cache", bundled, recommender.networks)
    packages = evaluate(recommender, read_queries(grocery / "queries.csv"), bundled).groups["packages"]
    assert packages.num_queries == 864
    assert packages.means["hit@1"] == pytest.approx(0.38, abs=0.03)
    assert packages.means["hit@5"] == pytest.approx(0.74, abs=0.03)
