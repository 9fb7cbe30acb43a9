import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import images_of
from recsys.errors import EvaluationError
from recsys.evaluation.labelled_photos import LabelledPhoto
from recsys.evaluation.no_match import NoMatchReport, area, measure_no_match, no_match_json, roc
from recsys.search.rankings import COSINE
from recsys.search.recommender import Recommender
from recsys.settings import Settings


@pytest.fixture(scope="module")
def home(described_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A separate, described home."""
    return shutil.copytree(described_home, tmp_path_factory.mktemp("described") / "home", symlinks=True)


@pytest.fixture(scope="module")
def recommender(home: Path, networks: Networks) -> Recommender:
    return Recommender(Settings(home=home), networks)


@pytest.fixture(scope="module")
def queries(
    recommender: Recommender, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[LabelledPhoto, ...]:
    """Each product's own picture; coffee is one group, the others another."""
    photos, folder = [], tmp_path_factory.mktemp("photos")
    for product in recommender.catalogue.products:
        path = folder / f"{product.product_id}.jpg"
        shutil.copy(images_of(home / "cache").display_path(product.image_key), path)
        photos.append(LabelledPhoto(path, product.product_id, "things" if product.category == "coffee" else "beings"))
    return tuple(photos)


@pytest.fixture(scope="module")
def report(recommender: Recommender, bundled: Backbone, queries: tuple[LabelledPhoto, ...]) -> NoMatchReport:
    """Both rankings, measured with all photos."""
    return measure_no_match(recommender, queries, bundled)


def test_the_curve_and_its_area_are_scikit_learn_s() -> None:
    random = np.random.default_rng(3)
    there, missing = random.normal(1, 1, 60).round(1), random.normal(0, 1, 45).round(1)  # rounded, to produce ties
    values, labels = np.concatenate([there, missing]), np.repeat([1, 0], [60, 45])
    assert area(there, missing) == pytest.approx(roc_auc_score(labels, values), abs=1e-12)
    false_positive, true_positive, thresholds = roc_curve(labels, values, drop_intermediate=False)
    curve = roc(there, missing)
    np.testing.assert_allclose(curve.false_positive, false_positive, atol=1e-12)
    np.testing.assert_allclose(curve.true_positive, true_positive, atol=1e-12)
    np.testing.assert_array_equal(curve.thresholds, thresholds)


def test_both_protocols_are_measured_by_both_rankings(report: NoMatchReport) -> None:
    sides = {
        (one.protocol, one.ranking, one.group): (len(one.there.evidence), len(one.missing.evidence))
        for one in report.separations
        if one.ranking in ("cosine", "refined")
    }
    assert sides == {
        ("missing product", "cosine", "beings"): (12, 12),
        ("missing product", "cosine", "things"): (4, 4),
        ("missing product", "refined", "beings"): (12, 12),
        ("missing product", "refined", "things"): (4, 4),
        ("other aisle", "cosine", "beings"): (12, 4),
        ("other aisle", "cosine", "things"): (4, 12),
        ("other aisle", "refined", "beings"): (12, 4),
        ("other aisle", "refined", "things"): (4, 12),
    }
    assert not report.skipped


def test_a_picture_in_the_catalogue_is_distinguished_from_a_removed_one(report: NoMatchReport) -> None:
    for one in report.separations:
        assert one.auroc == 1  # each picture is in the gallery unchanged: nothing is more similar
        assert one.ci95 == (1, 1)
        assert one.true_positive_at(0.01) == 1
        assert (one.there.num_good is None) == (one.ranking != "refined")


def test_wrong_labels_lower_the_area(
    recommender: Recommender, bundled: Backbone, queries: tuple[LabelledPhoto, ...]
) -> None:
    labels = [query.product_id for query in queries]
    wrong = tuple(
        LabelledPhoto(query.photo, label, "all of them")
        for query, label in zip(queries, labels[1:] + labels[:1], strict=True)
    )
    (one,) = measure_no_match(recommender, wrong, bundled, (COSINE,)).separations
    assert one.protocol == "missing product"  # with only one group, there is no other aisle
    assert one.auroc == pytest.approx(0.5)  # the removed product was not what the photo shows


def test_photos_that_cannot_be_used_are_reported(
    recommender: Recommender, bundled: Backbone, queries: tuple[LabelledPhoto, ...], tmp_path: Path
) -> None:
    lost = LabelledPhoto(tmp_path / "lost.jpg", "coffee-0", "things")
    unknown = LabelledPhoto(queries[0].photo, "unheard-of", "things")
    report = measure_no_match(recommender, (*queries[:2], lost, unknown), bundled, (COSINE,))
    assert [Path(photo.photo).name for photo in report.skipped] == ["lost.jpg", queries[0].photo.name]
    assert "unheard-of is not in the catalogue" in report.skipped[1].reason
    with pytest.raises(EvaluationError, match="all 1 were skipped"):
        measure_no_match(recommender, (lost,), bundled, (COSINE,))


def test_the_report_as_json_has_whole_curves(report: NoMatchReport) -> None:
    content = json.loads(json.dumps(no_match_json(report), allow_nan=False))
    refined = next(one for one in content["results"] if one["ranking"] == "refined")
    assert (refined["roc"]["false_positive"][0], refined["roc"]["true_positive"][-1]) == (0, 1)
    assert len(refined["roc"]["thresholds"]) == len(refined["roc"]["true_positive"])
    assert 0 <= refined["called_a_match"]["missing"] < refined["called_a_match"]["there"] <= 1


def test_a_shop_with_the_same_products_cannot_be_distinguished(
    recommender: Recommender, bundled: Backbone, queries: tuple[LabelledPhoto, ...]
) -> None:
    report = measure_no_match(
        recommender, [one for one in queries if one.group == "things"], bundled, [COSINE], shop=recommender
    )
    (separation,) = [one for one in report.separations if one.protocol == "another shop"]
    np.testing.assert_array_equal(separation.there.evidence, separation.missing.evidence)
    assert separation.auroc == pytest.approx(0.5)
