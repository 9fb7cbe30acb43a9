import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from recsys.catalogue.products import Catalogue, Product, images_of, load_catalogue
from recsys.errors import EvaluationError
from recsys.evaluation.records import (
    DataSet,
    NetworkUsed,
    Run,
    catalogue_sha256,
    data_set_of,
    evaluations_folder,
    is_run,
    keep_evaluation,
    read_evaluations,
    read_run,
)
from recsys.evaluation.runs import Evaluation, Found, GroupQuality, Percentiles, QueryOutcome, SkippedPhoto
from recsys.settings import Settings
from tests.command_line import Finished, recsys

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PHOTOS = DataSet("queries.csv", "a" * 64, "b" * 64, 81)
NETWORK = NetworkUsed("c" * 64, "f32")


def evaluation(backbone: str = "ResNet50", hit: float = 0.25) -> Evaluation:
    means = {"hit@1": hit, "hit@5": 0.5, "mrr": 0.375, "map": 0.3125}
    quality = GroupQuality(4, means, {metric: (mean - 0.125, mean + 0.125) for metric, mean in means.items()})
    skipped = (SkippedPhoto("photos/é.jpg", "it is no picture"),)
    return Evaluation(backbone, "cosine", {"all": quality}, Percentiles(9.5, 12.25), Percentiles(0.5, 0.75), skipped)


def keep(records: Path, *, days: int = 0, data_set: DataSet = PHOTOS, backbone: str = "ResNet50", hit: float = 0.25):
    moment = NOON + timedelta(days=days)
    return keep_evaluation(records, evaluation(backbone, hit), data_set, NETWORK, now=moment)


def test_a_kept_evaluation_is_read_as_it_was(tmp_path: Path) -> None:
    keep(tmp_path)
    records = read_evaluations(tmp_path)
    (record,) = records.kept
    assert records.damaged == ()
    assert record.evaluation == evaluation()
    assert (record.data_set, record.network, record.recorded_at) == (PHOTOS, NETWORK, NOON)
    assert {"openvino", "keras"} <= set(record.versions)


def test_a_record_is_a_file_named_after_its_moment_in_utc(tmp_path: Path) -> None:
    jakarta = NOON.astimezone(timezone(timedelta(hours=7)))
    path = keep_evaluation(tmp_path, evaluation(), PHOTOS, NETWORK, now=jakarta)
    assert path.parent == tmp_path / "evaluations"
    assert path.name.startswith("20260301T120000Z-")
    content = json.loads(path.read_bytes())
    assert content["evaluation"]["num_products"] == 81
    assert content["evaluation"]["results"][0]["groups"]["all"]["hit@1"] == 0.25


def test_runs_of_the_same_second_do_not_overwrite_each_other(tmp_path: Path) -> None:
    assert len({keep(tmp_path) for _ in range(20)}) == 20
    assert len(list(evaluations_folder(tmp_path).iterdir())) == 20


def test_the_latest_counts_for_each_backbone_and_data_set(tmp_path: Path) -> None:
    other = replace(PHOTOS, queries="other.csv", queries_sha256="d" * 64)
    keep(tmp_path, days=3, hit=0.75)
    keep(tmp_path, days=1, hit=0.5)
    keep(tmp_path, days=2, backbone="VGG16", hit=0.625)
    keep(tmp_path, days=4, data_set=other, hit=0.875)
    records = read_evaluations(tmp_path)
    assert records.data_sets() == [other, PHOTOS]
    hits = {
        record.evaluation.backbone: record.evaluation.groups["all"].means["hit@1"] for record in records.latest(PHOTOS)
    }
    assert hits == {"ResNet50": 0.75, "VGG16": 0.625}
    assert len(records.kept) == 4


def test_a_run_is_read_with_what_each_query_gave(tmp_path: Path) -> None:
    outcomes = (
        QueryOutcome("photos/é.jpg", "P-1", "cups", 7, 0.25, (Found("P-2", 0.5), Found("P-3", -0.125)), 9.5, 0.5),
        QueryOutcome("b.jpg", "P-2", "", 1, 1.0, (), 9.5, 0.5),
    )
    kept = replace(evaluation(), outcomes=outcomes)
    name = keep_evaluation(tmp_path, kept, PHOTOS, NETWORK, now=NOON).stem
    assert is_run(tmp_path, name)
    assert read_run(tmp_path, name) == Run(name, PHOTOS, kept)
    assert read_evaluations(tmp_path).kept[0].evaluation == evaluation()  # the page needs no individual queries


@pytest.mark.parametrize("name", ["none", "../evaluations/none", "", "."])
def test_a_run_that_was_never_saved_is_reported_missing(tmp_path: Path, name: str) -> None:
    keep(tmp_path)
    assert not is_run(tmp_path, name)
    with pytest.raises(EvaluationError, match=r"a saved run named .* found none"):
        read_run(tmp_path, name)


def test_a_run_without_readable_queries_says_to_measure_again(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"saved with its queries, but .* was not: measure again"):
        read_run(tmp_path, keep(tmp_path).stem)
    outcome = QueryOutcome("b.jpg", "P-2", "", 1, 1.0, (), 9.5, 0.5)
    path = keep_evaluation(tmp_path, replace(evaluation(), outcomes=(outcome,)), PHOTOS, NETWORK, now=NOON)
    queries = evaluations_folder(tmp_path) / "queries" / path.name
    queries.write_bytes(queries.read_bytes().replace(b'"rank":1', b'"rank":"first"'))
    with pytest.raises(EvaluationError, match=r"it is damaged \(0.rank: .*\): measure again"):
        read_run(tmp_path, path.stem)
    path.write_text("{}")
    with pytest.raises(EvaluationError, match="it is damaged"):
        read_run(tmp_path, path.stem)


def test_without_saved_runs_there_is_nothing(tmp_path: Path) -> None:
    records = read_evaluations(tmp_path / "none")
    assert (records.kept, records.damaged) == ((), ())


def damaged_by(content: bytes) -> list[bytes]:
    """A record, damaged in the ways a disk, an editor or another version may do it."""
    changes = (b'"hit@1": 0.25', b'"hit@1": "much"'), (b'"hit@1": 0.25', b'"hit@1": NaN'), (b'"ci95"', b'"ci"')
    versions = (b'"format": 1', b'"format": 2'), (b"2026-03-01T12:00:00+00:00", b"yesterday"), (b'"all"', b'"some"')
    return [content[:-40], b"", b"[]", b"\xff\xfe", *(content.replace(*change) for change in changes + versions)]


@pytest.mark.parametrize("number", range(10))
def test_a_damaged_file_is_reported_and_kept_and_hides_no_other(tmp_path: Path, number: int) -> None:
    good, bad = keep(tmp_path), keep(tmp_path, backbone="VGG16")
    content = damaged_by(bad.read_bytes())[number]
    assert content != bad.read_bytes()
    bad.write_bytes(content)
    records = read_evaluations(tmp_path)
    assert [record.evaluation.backbone for record in records.kept] == ["ResNet50"]
    (damaged,) = records.damaged
    assert damaged.path == bad
    assert damaged.reason
    assert good.is_file()
    assert bad.read_bytes() == content


def test_a_data_set_is_the_photos_and_the_products_they_are_looked_for_in(tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_bytes(b"photo,product_id\na.jpg,1\n")
    catalogue = Catalogue((Product("1", "Susu", "k1", category="Dairy"), Product("2", "Teh", "k2")))
    data_set = data_set_of(tmp_path / "queries.csv", catalogue)
    digest = hashlib.sha256(b"photo,product_id\na.jpg,1\n").hexdigest()
    assert data_set == DataSet("queries.csv", digest, catalogue_sha256(catalogue), 2)


@pytest.mark.parametrize(
    ("change", "is_another"),
    [({"price": 5.0}, False), ({"name": "Milk"}, False), ({"image_key": "k3"}, True), ({"category": "Tea"}, True)],
)
def test_a_catalogue_is_another_when_what_is_measured_changes(change: dict[str, object], is_another: bool) -> None:
    product = Product("1", "Susu", "k1", category="Dairy")
    before = catalogue_sha256(Catalogue((product,)))
    assert (catalogue_sha256(Catalogue((replace(product, **change),))) != before) is is_another


def test_missing_queries_are_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="No such file"):
        data_set_of(tmp_path / "none.csv", Catalogue(()))


def evaluate_on_the_command_line(home: Path, folder: Path) -> Finished:
    product = load_catalogue(home / "cache").by_id["coffee-1"]
    photo = images_of(home / "cache").display_path(product.image_key)
    (folder / "labelled.csv").write_text(f"photo,product_id\n{os.path.relpath(photo, folder)},coffee-1\n")
    return recsys("evaluate", "--queries", folder / "labelled.csv", "--json", home=home)


@pytest.mark.usefixtures("loaded_networks")
def test_the_evaluate_command_keeps_what_it_prints(settings: Settings, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    result = evaluate_on_the_command_line(settings.home, tmp_path)
    (path,) = evaluations_folder(settings.records).glob("*.json")
    assert json.loads(path.read_bytes())["evaluation"] == json.loads(result.stdout)
    (record,) = read_evaluations(settings.records).kept
    assert before <= record.recorded_at <= datetime.now(UTC)
    assert (record.data_set.queries, record.data_set.num_products) == ("labelled.csv", 16)
    assert record.network.precision == "f32"


@pytest.mark.usefixtures("loaded_networks")
def test_figures_that_cannot_be_kept_are_printed_all_the_same(settings: Settings, tmp_path: Path) -> None:
    settings.records.write_text("a file where the folder should be")
    result = evaluate_on_the_command_line(settings.home, tmp_path)
    assert json.loads(result.stdout)["results"][0]["groups"]["all"]["hit@1"] == 1
    assert "could not be saved in" in result.stderr
