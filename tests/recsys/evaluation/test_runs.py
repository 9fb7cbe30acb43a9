import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embeddings.imaging.photos import read_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of, load_catalogue
from recsys.errors import EvaluationError
from recsys.evaluation.labelled_photos import LabelledPhoto, read_queries
from recsys.evaluation.runs import Evaluation, evaluate, evaluation_json
from recsys.indexing.catalogue_descriptions import describe_catalogue
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.search.barcodes import read_barcodes
from recsys.search.rankings import COSINE, REFINED
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from tests.barcode_pictures import barcode
from tests.small_shop import GTIN


@pytest.fixture
def recommender(settings: Settings, networks: Networks) -> Recommender:
    return Recommender(settings, networks)


@pytest.fixture(scope="module")
def queries_csv(searchable_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each product's own picture as a query, two of them labelled as their neighbour."""
    cache, folder = searchable_home / "cache", tmp_path_factory.mktemp("queries")
    rows = ["photo,product_id,category,group"]
    for product in load_catalogue(cache).products:
        photo = folder / f"{product.product_id}.jpg"
        photo.write_bytes(images_of(cache).study_path(product.image_key).read_bytes())
        wrong = product.product_id in ("coffee-0", "rocket-0")
        label = product.product_id.replace("0", "1") if wrong else product.product_id
        rows.append(f"{photo.name},{label},{product.category},{'things' if product.category == 'coffee' else 'beings'}")
    (folder / "queries.csv").write_text("\n".join(rows))
    return folder / "queries.csv"


@pytest.fixture(scope="module")
def result(searchable_home: Path, networks: Networks, bundled: Backbone, queries_csv: Path) -> Evaluation:
    """What the shop's backbone achieves on these queries."""
    recommender = Recommender(Settings(home=searchable_home), networks)
    (one,) = evaluate(recommender, read_queries(queries_csv), bundled, [COSINE])
    return one


def test_quality_is_measured_for_all_and_each_group(result: Evaluation) -> None:
    assert {name: group.num_queries for name, group in result.groups.items()} == {"all": 16, "beings": 12, "things": 4}
    assert result.groups["all"].means["hit@1"] == 14 / 16
    assert result.groups["things"].means["hit@1"] == 3 / 4
    assert 14 / 16 < result.groups["all"].means["mrr"] < 1
    for group in result.groups.values():
        for metric, (low, high) in group.ci95.items():
            assert 0 <= low <= group.means[metric] <= high <= 1
    assert not result.skipped


def test_each_query_keeps_its_rank_and_what_was_found(result: Evaluation) -> None:
    by_photo = {outcome.photo: outcome for outcome in result.outcomes}
    assert len(by_photo) == 16
    right, wrong = by_photo["coffee-2.jpg"], by_photo["coffee-0.jpg"]  # the second is labelled coffee-1
    assert (right.rank, right.found[0].product_id, right.group) == (1, "coffee-2", "things")
    assert right.found[0].similarity == pytest.approx(1, abs=1e-3)
    assert (wrong.product_id, wrong.found[0].product_id) == ("coffee-1", "coffee-0")
    assert wrong.rank > 1
    assert sum(outcome.rank == 1 for outcome in result.outcomes) / 16 == result.groups["all"].means["hit@1"]


def test_a_photo_is_encoded_once_for_several_rankings(
    recommender: Recommender, bundled: Backbone, queries_csv: Path
) -> None:
    queries = read_queries(queries_csv)[:3]
    first, second = evaluate(recommender, queries, bundled, (COSINE, COSINE))
    # Two encodings never take the same number of nanoseconds three times.
    assert [outcome.encode_ms for outcome in first.outcomes] == [outcome.encode_ms for outcome in second.outcomes]
    assert [outcome.search_ms for outcome in first.outcomes] != [outcome.search_ms for outcome in second.outcomes]


def test_only_the_refined_ranking_counts_the_time_of_what_only_it_needs(
    recommender: Recommender, settings: Settings, bundled: Backbone, queries_csv: Path
) -> None:
    describe_catalogue(recommender.catalogue, settings.cache, bundled, recommender.networks)
    cosine, refined = evaluate(recommender, read_queries(queries_csv)[:3], bundled, (COSINE, REFINED))
    assert (cosine.setting, refined.setting) == ("EfficientNetLite0:cosine", "EfficientNetLite0:refined")
    for outcome, other in zip(cosine.outcomes, refined.outcomes, strict=True):
        assert 0 < outcome.encode_ms < other.encode_ms


def test_the_json_is_what_the_contract_says(result: Evaluation) -> None:
    content = json.loads(json.dumps(evaluation_json([result], 16)))
    assert (content["num_products"], content["num_distractors"]) == (16, 0)
    (entry,) = content["results"]
    assert list(entry) == ["backbone", "ranking", "groups", "encode_ms", "search_ms", "skipped"]
    assert list(entry["groups"]["all"]) == ["num_queries", "hit@1", "hit@5", "mrr", "map", "ci95"]
    assert list(entry["search_ms"]) == ["p50", "p95"]


def test_what_cannot_be_evaluated_is_skipped_with_its_reason(
    recommender: Recommender, bundled: Backbone, queries_csv: Path
) -> None:
    (queries_csv.parent / "page.jpg").write_text("<html></html>")
    rows = queries_csv.read_text().splitlines()[:4]
    bad = ("page.jpg,coffee-0,,", "missing.jpg,coffee-0,,", "coffee-0.jpg,no-such-product,,", ",coffee-0,,")
    others_csv = queries_csv.with_name("others.csv")
    others_csv.write_text("\n".join([*rows, *bad, ""]))
    (result,) = evaluate(recommender, read_queries(others_csv), bundled, [COSINE])
    assert result.groups["all"].num_queries == 3
    reasons = [skipped.reason for skipped in result.skipped]
    assert "got a web page" in reasons[0]
    assert "cannot be read" in reasons[1]
    assert "got a row without photo" in reasons[3]
    assert reasons[2] == "product no-such-product is not in the catalogue"


def test_queries_of_another_shop_are_an_error(recommender: Recommender, bundled: Backbone, tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text("photo,product_id\na.jpg,elsewhere\n")
    with pytest.raises(EvaluationError, match=r"all 1 were skipped; the first: .*product elsewhere is not in"):
        evaluate(recommender, read_queries(tmp_path / "queries.csv"), bundled, [COSINE])


def test_the_grocery_photos_give_the_figures_of_an_independent_implementation(
    grocery: Path, tmp_path: Path, networks: Networks, bundled: Backbone
) -> None:
    recommender = Recommender(Settings(home=tmp_path), networks)
    assert import_catalogue(grocery / "catalogue.csv", tmp_path / "cache").imported == 81
    embed_catalogue(recommender.catalogue, tmp_path / "cache", bundled, networks)
    photos = [query for query in read_queries(grocery / "queries.csv") if query.group == "packages"]
    (result,) = evaluate(recommender, photos, bundled, [COSINE])
    packages = result.groups["packages"]
    assert packages.num_queries == 864
    assert packages.means["hit@1"] == pytest.approx(0.38, abs=0.03)
    assert packages.means["hit@5"] == pytest.approx(0.74, abs=0.03)


def test_no_barcode_is_read_when_quality_is_measured(
    recommender: Recommender, settings: Settings, bundled: Backbone, tmp_path: Path
) -> None:
    picture = images_of(settings.cache).display_path(recommender.catalogue.by_id["rocket-2"].image_key)
    photo = np.asarray(Image.fromarray(read_photo(picture)).resize((900, 900))).copy()
    code = barcode(GTIN, module=2, height=80)
    photo[: code.shape[0], : code.shape[1]] = code
    assert [one.gtin for one in read_barcodes(photo)] == [GTIN]
    Image.fromarray(photo).save(tmp_path / "photo.png")
    (result,) = evaluate(recommender, [LabelledPhoto(tmp_path / "photo.png", "rocket-2")], bundled, [COSINE])
    assert result.groups["all"].means["hit@1"] == 1
