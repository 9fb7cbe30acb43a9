import base64
import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from threading import Event

import pyarrow.ipc
import pytest

from embeddings.errors import NetworkError
from embeddings.models.backbones import BACKBONES
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.products import load_catalogue
from recsys.evaluation.measuring import MEASURING_JOB
from recsys.evaluation.records import DataSet, NetworkUsed, catalogue_sha256, evaluations_folder, keep_evaluation
from recsys.evaluation.runs import Evaluation, GroupQuality, Percentiles
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.indexing.launch import STUDY_JOB, jobs_of
from recsys.indexing.progress import Stage
from recsys.num_matches import NUM_MATCHES
from recsys.search.rankings import COSINE, RANKINGS
from recsys.settings import Settings
from recsys.ui.shell import services
from recsys.ui.shell.services import recommender
from tests.hostile import HOSTILE

READY = ("EfficientNetLite0", "EfficientNetLite1")
MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
HITS = {"ResNet50": 0.5, "EfficientNetLite0": 0.625, "EfficientNetLite1": 0.25}


@pytest.fixture(scope="module")
def two_ready_once(searchable_home: Path, networks: Networks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop, embedded with a second backbone."""
    home = shutil.copytree(searchable_home, tmp_path_factory.mktemp("two") / "home", symlinks=True)
    embed_catalogue(load_catalogue(home / "cache"), home / "cache", BACKBONES["EfficientNetLite1"], networks)
    return home


@pytest.fixture
def two_ready(two_ready_once: Path, tmp_path: Path) -> Path:
    """That shop, in a separate data home for the test."""
    return shutil.copytree(two_ready_once, tmp_path / "two", symlinks=True)


def quality(hit: float) -> GroupQuality:
    means = {"hit@1": hit, "hit@5": 1 - hit / 2, "mrr": hit, "map": hit / 2}
    return GroupQuality(8, means, {metric: (mean - 0.0625, mean + 0.0625) for metric, mean in means.items()})


def keep(home: Path, backbone: str, hit: float, *, days: int = 0, queries: str = "queries.csv") -> Path:
    """Save an evaluation of the shop in its current state, written by hand."""
    catalogue = load_catalogue(home / "cache")
    data_set = DataSet(queries, queries.ljust(64, "0"), catalogue_sha256(catalogue), len(catalogue.products))
    groups = {"all": quality(hit), "cups": quality(hit / 2)}
    evaluation = Evaluation(backbone, "cosine", groups, Percentiles(hit * 40, hit * 80), Percentiles(0.5, 0.75), ())
    network = NetworkUsed("c" * 64, "f32")
    return keep_evaluation(home / "records", evaluation, data_set, network, now=MARCH + timedelta(days=days))


@pytest.fixture
def evaluated(home: Path) -> Path:
    """The shop, with three backbones evaluated."""
    for backbone, hit in HITS.items():
        keep(home, backbone, hit)
    return home


def rows(page) -> dict[str, list[str]]:
    """The names of each backbone's matches in the study's order."""
    heads = re.findall(r'<div class="kc-backbone"[^>]*>(.*?)</div>', page.html)
    lists = re.findall(r'<div class="kc-orders">.*?<ol class="kc-matches">(.*?)</ol>', page.html, re.DOTALL)
    names = [
        [unescape(name) for name in re.findall(r'class="kc-name"[^>]*>(.*?)</div>', row, re.DOTALL)] for row in lists
    ]
    return dict(zip(heads, names, strict=True))


def table(page) -> list[list[str]]:
    """The cells of the table of figures, without the intervals."""
    lines = re.findall(r"<tr>(.*?)</tr>", page.html, re.DOTALL)[1:]
    return [[cell.split("<small>")[0].strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t", line)] for line in lines]


def chart(page) -> tuple[list[dict], dict[str, dict]]:
    """The encodings of the chart's layers, and its data by the backbones' names."""
    proto = page.app.get("vega_lite_chart")[0].proto
    points = pyarrow.ipc.open_stream(proto.datasets[0].data.data).read_all().to_pylist()
    return [layer["encoding"] for layer in json.loads(proto.spec)["layer"]], {point["name"]: point for point in points}


def test_every_ready_backbone_has_a_row_of_five_and_says_how_many_it_shares(visit: Callable, two_ready: Path) -> None:
    page = visit(two_ready, page="compare", product="coffee-2")
    found = rows(page)
    assert list(found) == list(READY)
    assert all(len(names) == NUM_MATCHES and "Product coffee-2" not in names for names in found.values())
    shared = len(set(found[READY[0]]) & set(found[READY[1]]))
    assert shared > 0
    assert re.findall(r"<li><span>(\w+)</span> <b>(.)</b></li>", page.html) == [
        (READY[1], str(shared)),
        (READY[0], str(shared)),
    ]
    assert len(re.findall(r'<div class="kc-detail">Encoded in [\d.]+ ms', page.html)) == 2


def test_a_row_has_the_matches_that_the_search_page_gives(visit: Callable, two_ready: Path) -> None:
    page = visit(two_ready, product="coffee-2")
    searched = page.cards
    page.go_to("compare")
    assert rows(page)["EfficientNetLite0"] == searched


def test_a_photo_is_encoded_once_a_backbone(visit: Callable, two_ready: Path) -> None:
    page = visit(two_ready, page="compare", product="coffee-2")
    queries, photo = page.app.session_state["search_queries"], page.app.session_state["search_product_photo"]
    encoded = [queries.query(photo, BACKBONES[name], ranking=COSINE) for name in READY]
    timings = re.findall(r"Encoded in [\d.]+ ms", page.html)
    page.app.run()
    assert re.findall(r"Encoded in [\d.]+ ms", page.html) == timings
    assert all(
        queries.query(photo, BACKBONES[name], ranking=COSINE) is query
        for name, query in zip(READY, encoded, strict=True)
    )


def test_an_uploaded_photo_and_a_random_product_are_compared(visit: Callable, two_ready: Path, shop_csv: Path) -> None:
    page = visit(two_ready, page="compare")
    assert "Choose a photo to begin" in page.text
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    page.check()
    assert [names[0] for names in rows(page).values()] == ["Product coffee-2"] * 2
    page.click("search_random")
    product_id = page.app.query_params["product"]
    assert all(f"Product {product_id}" not in names for names in rows(page).values())


def test_backbones_that_are_not_ready_are_named_and_administrators_read_how_to_prepare_them(
    visit: Callable, two_ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(two_ready, page="compare")
    lines = [caption.value for caption in page.app.caption if caption.value.startswith("Not ready")]
    missing = ", ".join(name for name, backbone in BACKBONES.items() if not backbone.is_bundled)
    assert f"weights are missing: {missing}." in lines[0]
    assert "encoded with them: EfficientNetLite2." in lines[1]
    assert "To prepare a backbone" in page.text
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "a long enough key")
    assert "To prepare a backbone" not in visit(two_ready, page="compare").text


def test_with_more_backbones_than_stay_loaded_the_loaded_ones_come_first(
    visit: Callable, two_ready: Path, shop_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_MAX_NETWORKS", "1")
    page = visit(two_ready, page="compare", product="coffee-2")
    assert "Only 1 network fits in memory" in page.text
    networks = recommender().networks
    still_loaded = [name for name in READY if networks.is_loaded(BACKBONES[name])]
    assert len(still_loaded) == 1
    before = networks.encoder(BACKBONES[still_loaded[0]])
    page.photograph((shop_csv.parent / "rocket-2.jpg").read_bytes())
    assert list(rows(page)) == list(READY)  # the rows keep their order
    now_loaded = [name for name in READY if networks.is_loaded(BACKBONES[name])]
    assert now_loaded != still_loaded  # the loaded one had its turn first, and made way for the other
    assert before is not networks.encoder(BACKBONES[still_loaded[0]])


def test_a_network_is_loaded_while_the_page_can_be_used(visit: Callable, two_ready: Path) -> None:
    page, others_are_loaded = visit(two_ready), Event()
    for _thread in range(2):  # both loading threads: the comparison's network has to wait for them
        services.loading()._threads.submit(others_are_loaded.wait, 60)  # at most, should this test fail
    recommender().networks.encoder(BACKBONES[READY[0]])
    page.app.query_params["product"] = "coffee-2"
    page.app.switch_page("../../../pages/compare.py").run()
    assert "Loading the network…" in page.html
    assert len(rows(page)[READY[0]]) == NUM_MATCHES
    others_are_loaded.set()
    page.check()
    assert all(len(names) == NUM_MATCHES for names in rows(page).values())
    assert "Loading the network…" not in page.html


def test_if_there_is_no_other_product_the_rows_say_so(visit: Callable, cut_to: Callable[[int], None]) -> None:
    cut_to(1)
    page = visit(page="compare")
    page.click("search_random")
    assert "There are no products to compare it with." in page.text
    assert '<ol class="kc-matches">' not in page.html  # nor are there placeholders that nothing will fill


def test_the_closer_look_is_below_the_study_s_order_if_the_catalogue_is_described(
    visit: Callable, described_home: Path, tmp_path: Path, shop_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shutil.copytree(described_home, tmp_path / "described", symlinks=True)
    page = visit(home)
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    page.go_to("compare")
    labels = re.findall(r'<div class="kc-order"><b>(.*?)</b>', page.html)
    lists = re.findall(r'<ol class="kc-matches">(.*?)</ol>', page.html, re.DOTALL)
    names = [re.findall(r'class="kc-name"[^>]*>(.*?)</div>', one, re.DOTALL) for one in lists]
    assert labels == [str(one.label) for one in (COSINE, *(one for one in RANKINGS.values() if one is not COSINE))]
    assert [len(one) for one in names] == [NUM_MATCHES] * len(RANKINGS)
    assert [one[0] for one in names[: labels.index("Closer look") + 1]] == ["Product coffee-2"] * 2

    def refuse(self: Encoder, images: object) -> None:
        raise AssertionError("described again")

    monkeypatch.setattr(Encoder, "describe", refuse)
    page.app.run()
    page.check()
    assert page.html.count('<ol class="kc-matches">') == len(RANKINGS)


def test_if_only_one_is_ready_the_page_says_so(visit: Callable, home: Path) -> None:
    page = visit(home, page="compare", product="coffee-2")
    assert list(rows(page)) == ["EfficientNetLite0"]
    assert "Only one backbone is ready" in page.text


def test_before_anything_is_measured_the_page_says_so_without_commands(visit: Callable, home: Path) -> None:
    page = visit(home, page="compare")
    assert "Nothing has been measured yet." in page.text
    assert not page.app.code


def test_the_table_has_the_figures_best_first(visit: Callable, evaluated: Path) -> None:
    page = visit(evaluated, page="compare")
    assert table(page) == [
        ["1. EfficientNetLite0", "0.625", "0.688", "0.312", "25", "50", "8", "Mar 1, 2026"],
        ["2. ResNet50", "0.500", "0.750", "0.250", "20", "40", "8", "Mar 1, 2026"],
        ["3. EfficientNetLite1", "0.250", "0.875", "0.125", "10", "20", "8", "Mar 1, 2026"],
    ]
    assert "[0.44, 0.56]" in page.html


def test_the_verdicts_name_the_study_and_what_was_measured(visit: Callable, evaluated: Path) -> None:
    page = visit(evaluated, page="compare")
    assert "The study of 2023 chose ResNet50. It judged by eye" in page.text
    assert "Best by hit@1: EfficientNetLite0, 0.625. Fastest: EfficientNetLite1, 10 ms." in page.text
    assert "ResNet50 ranks 2 of 3." in page.text


def test_the_chart_has_units_and_a_shape_a_family(visit: Callable, evaluated: Path) -> None:
    encodings, points = chart(visit(evaluated, page="compare"))
    assert {encoding["x"]["title"] for encoding in encodings} == {"Time to encode a photo, median (ms, logarithmic)"}
    assert encodings[1]["y"]["title"] == "hit@1 (share of the photos)"
    assert {name: (row["encode_ms"], row["quality"]) for name, row in points.items()} == {
        name: (hit * 40, hit) for name, hit in HITS.items()
    }
    assert points["ResNet50"]["kind"] == "One of the study's eight"
    assert encodings[1]["shape"]["scale"]["range"] == ["circle", "square"]
    assert {name: row["number"] for name, row in points.items()} == {
        "EfficientNetLite0": 1,
        "ResNet50": 2,
        "EfficientNetLite1": 3,
    }


def test_another_metric_or_kind_of_photo_reorders_the_table(visit: Callable, evaluated: Path) -> None:
    page = visit(evaluated, page="compare")
    page.app.button_group(key="compare_metric").set_value("hit@5").run()
    assert [line[0] for line in table(page)] == ["1. EfficientNetLite1", "2. ResNet50", "3. EfficientNetLite0"]
    assert page.app.selectbox[0].options == ["All", "cups"]
    page.app.selectbox[0].select("cups").run()
    page.check()
    assert [line[1] for line in table(page)] == ["0.125", "0.250", "0.312"]


def test_a_data_set_is_chosen_if_there_are_several(visit: Callable, evaluated: Path) -> None:
    keep(evaluated, "VGG16", 0.75, days=-1, queries="older.csv")
    page = visit(evaluated, page="compare")
    assert page.app.selectbox[0].options == ["queries.csv, 16 products", "older.csv, 16 products"]
    page.app.selectbox[0].select_index(1).run()
    page.check()
    assert [line[0] for line in table(page)] == ["1. VGG16"]


def test_figures_of_another_catalogue_are_said_to_be(visit: Callable, evaluated: Path) -> None:
    path = evaluated / "cache" / "catalogue.json"
    content = json.loads(path.read_bytes())
    content["products"][0]["category"] = "another"
    path.write_text(json.dumps(content))
    page = visit(evaluated, page="compare")
    assert "Measured with an earlier version of the catalogue" in page.text
    assert len(table(page)) == 3


def test_a_damaged_record_is_named_and_the_others_are_shown(visit: Callable, evaluated: Path) -> None:
    (evaluations_folder(evaluated / "records") / "20260101T000000Z-**bad**.json").write_text("{")
    page = visit(evaluated, page="compare")
    assert page.app.warning[0].value == "1 saved measurement cannot be read and is left out."
    assert r"20260101T000000Z\-\*\*bad\*\*\.json" in page.text
    assert len(table(page)) == 3


def test_a_backbone_of_an_older_or_newer_version_is_still_shown(visit: Callable, home: Path) -> None:
    path = keep(home, "ResNet50", 0.5)
    path.write_text(path.read_text().replace('"ResNet50"', '"<b>Next*Net*</b>"'))
    page = visit(home, page="compare")
    assert unescape(table(page)[0][0]) == "1. <b>Next*Net*</b>"
    assert "<b>Next" not in page.html


def test_hostile_texts_are_escaped_in_the_rows(visit: Callable, hostile_home: Path, shop_csv: Path) -> None:
    page = visit(hostile_home, page="compare")
    page.photograph((shop_csv.parent / "chelsea-0.jpg").read_bytes())
    page.check()
    assert rows(page)["EfficientNetLite0"][0] == HOSTILE
    assert "<script>alert" not in page.html
    assert "<img src=x" not in page.html


def test_a_missing_catalogue_says_what_helps(visit: Callable, tmp_path: Path) -> None:
    page = visit(tmp_path / "nothing", page="compare")
    assert "can build a demo shop" in page.text


def piece(choice: str, content: bytes, *files: tuple[str, int], offset: int = 0) -> dict[str, object]:
    listed = [{"name": name, "size": size} for name, size in files]
    message = {"choice": choice, "offset": offset, "content": base64.b64encode(content).decode()}
    return message | ({"files": listed} if listed else {})


def test_an_administrator_sends_photos_and_learns_what_is_wrong_with_them(visit: Callable, home: Path) -> None:
    page = visit(home, page="compare")
    page.send("measure_photo_set", "piece", piece("1", b"a", ("a.jpg", 1)))
    assert page.app.session_state["measure_answer"].problem == "Choose one ZIP, or one CSV together with its photos."
    page.send("measure_photo_set", "piece", piece("2", b"PK", ("a.zip", 9)))
    assert page.app.session_state["measure_answer"].received == 2
    page.send("measure_photo_set", "piece", piece("2", b"more than it said", offset=2))
    assert "larger than expected" in page.app.session_state["measure_answer"].problem
    assert not list((home / "cache" / "measuring").iterdir())


def test_people_who_are_not_administrators_see_results_only(
    visit: Callable, evaluated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "sesame")
    page = visit(evaluated, page="compare")
    assert len(table(page)) == 3
    assert not [one for one in page.app.get("bidi_component") if "measure_photo_set" in one.proto.id]
    assert not [button for button in page.app.button if "eight" in button.label]


def test_rows_that_were_not_measured_are_named(visit: Callable, evaluated: Path) -> None:
    settings = Settings(home=evaluated)
    with jobs_of(settings).owned(MEASURING_JOB):
        pass
    reason = {"text": "This photo was not sent.", "parts": {}}
    check = {"num_rows": 3, "bad_rows": [{"name": "*a*.jpg", "reason": reason}]}
    (evaluated / "cache" / "measuring").mkdir()
    (evaluated / "cache" / "measuring" / "last.json").write_text(json.dumps(check))
    page = visit(evaluated, page="compare")
    assert "2 of the 3 photos last uploaded were measured." in page.text
    assert "*a*.jpg: This photo was not sent." in page.text.replace("\\", "")


def test_an_administrator_sees_how_far_the_studys_eight_are_and_what_failed(visit: Callable, home: Path) -> None:
    jobs, failure = jobs_of(Settings(home=home)), "Expected all, MobileNet could not be."
    page = visit(home, page="compare")
    assert (
        page.app.button(key="study_start").label
        == "Download the study's eight backbones and encode the catalogue (452 MB)"
    )
    with pytest.raises(NetworkError), jobs.owned(STUDY_JOB) as report, jobs.owned("MobileNet") as one:
        report(Stage.PREPARING, 5, 8)
        one(Stage.COMPILING)
        page.app.run()
        (bar,) = (bar.proto for bar in page.app.get("progress"))
        assert bar.text.startswith("5 of 8 backbones · MobileNet: Building the network")
        assert page.app.button(key="study_cancel").label == "Stop"
        raise NetworkError(failure)
    page.app.run()
    assert page.app.error[0].value.startswith("Not all of them could be made ready.")
    assert f"Details: {failure}" in page.text.replace("\\", "")
    assert not page.app.button(key="study_start").disabled


def test_sending_photos_while_others_are_measured_has_to_wait(visit: Callable, home: Path) -> None:
    page = visit(home, page="compare")
    with jobs_of(Settings(home=home)).owned(MEASURING_JOB) as report:
        report(Stage.MEASURING, 3, 12)
        page.send("measure_photo_set", "piece", piece("1", b"PK", ("a.zip", 2)))
        page.app.run()
        assert page.app.warning[0].value.startswith("Other photos are being measured right now")
        (bar,) = (bar.proto for bar in page.app.get("progress"))
        assert (bar.text, bar.value) == ("Measuring, 3 of 12 searches", 25)
    assert not (home / "cache" / "measuring").exists()
