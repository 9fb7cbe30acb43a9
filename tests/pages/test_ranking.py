"""The order of the matches on the search page: the closer look, or the study's."""

import json
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import numpy as np
import pytest

from embeddings.imaging.photos import encode_jpeg
from embeddings.models.runtime import Encoder
from recsys.indexing.jobs import Jobs
from recsys.indexing.progress import JobState
from recsys.num_matches import NUM_MATCHES
from recsys.search.rankings import RANKINGS, REFINED
from recsys.search.refined import refined_index
from recsys.search.refined.print_index import print_folder
from tests.kept import damage_kept

RANKING = "search_ranking"


@pytest.fixture
def described(described_home: Path, tmp_path: Path) -> Path:
    """The shop, described, in a separate data home for the test."""
    return shutil.copytree(described_home, tmp_path / "described", symlinks=True)


@pytest.fixture
def product_photo(shop_csv: Path) -> bytes:
    return (shop_csv.parent / "coffee-2.jpg").read_bytes()


def choice_of(page) -> list[str]:
    return [group.value for group in page.app.get("button_group") if group.key == RANKING]


def offered(page) -> list[str]:
    """What can be chosen, as visitors read it; nothing where there is no choice."""
    return [label for group in page.app.get("button_group") if group.key == RANKING for label in group.options]


def without_closer_look() -> list[str]:
    """What is left to choose where the catalogue is not described: one ranking alone is no choice."""
    labels = [str(ranking.label) for ranking in RANKINGS.values() if ranking is not REFINED]
    return labels if len(labels) > 1 else []


def choose(page, ranking: str) -> None:
    page.app.button_group(key=RANKING).set_value(ranking).run()
    page.check()


def wait_for_job(home: Path) -> None:
    jobs, deadline = Jobs(home / "cache" / "jobs"), time.monotonic() + 120
    while jobs.job("EfficientNetLite0").state is JobState.RUNNING and time.monotonic() < deadline:
        time.sleep(0.1)


def recorded(home: Path) -> list[str]:
    with closing(connect(home / "records" / "records.db")) as database:
        return [ranking for (ranking,) in database.execute("select ranking from feedback_searches order by ranking")]


def test_the_closer_look_is_the_default_and_the_study_s_order_one_click_away(
    visit: Callable, described: Path, product_photo: bytes
) -> None:
    page = visit(described)
    page.photograph(product_photo)
    assert choice_of(page) == ["refined"]
    assert offered(page) == [str(ranking.label) for ranking in RANKINGS.values()]
    assert page.cards[0] == "Product coffee-2"
    assert page.html.count("Same product") == 1
    assert "points of the print match." in page.html
    choose(page, "cosine")
    assert page.cards[0] == "Product coffee-2"
    assert "Same product" not in page.html
    assert recorded(described) == ["cosine", "refined"]


def test_the_choice_stays_when_the_visitor_comes_back_from_another_page(
    visit: Callable, described: Path, product_photo: bytes
) -> None:
    page = visit(described)
    page.photograph(product_photo)
    choose(page, "cosine")
    page.go_to("catalogue")
    page.go_to("search")
    assert choice_of(page) == ["cosine"]
    assert recorded(described) == ["cosine", "refined"]


def test_a_rerun_does_not_describe_the_same_photo_again(
    visit: Callable, described: Path, product_photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(described)
    page.photograph(product_photo)
    choose(page, "cosine")

    def refuse(self: Encoder, images: object) -> None:
        raise AssertionError("encoded again")

    monkeypatch.setattr(Encoder, "encode", refuse)
    monkeypatch.setattr(Encoder, "describe", refuse)
    page.app.run()
    choose(page, "refined")
    page.click("why_search_1")
    assert len(page.cards) == NUM_MATCHES


def test_any_match_says_why_it_is_similar(visit: Callable, described: Path, product_photo: bytes) -> None:
    page = visit(described)
    page.photograph(product_photo)
    assert "points of the print match." not in page.text
    page.click("why_search_0")
    assert "points of the print match." in page.text
    assert "Lines connect matching points in both pictures." in page.text
    page.click("why_search_4")
    assert "too little of the print matches" in page.text
    assert "The same number marks the most similar parts." in page.text


def test_the_study_s_order_is_explained_as_well(visit: Callable, described: Path, product_photo: bytes) -> None:
    page = visit(described)
    page.photograph(product_photo)
    choose(page, "cosine")
    page.click("why_search_0")
    assert "points of the print match." in page.text


def test_a_product_of_the_catalogue_is_never_called_the_same_as_another(visit: Callable, described: Path) -> None:
    page = visit(described, product="coffee-2")
    assert len(page.cards) == NUM_MATCHES
    assert "Same product" not in page.html
    assert "doesn't seem to have this" not in page.text
    page.click("why_search_0")
    assert "Left: the photo you searched with." in page.text


def expect_much(home: Path) -> None:
    """Calibrate the shop so that no looks are good enough."""
    path = home / "cache" / "embeddings" / "EfficientNetLite0" / "calibration.json"
    kept = json.loads(path.read_bytes())
    path.write_text(json.dumps(kept | {"looks": kept["looks"] | {"location": 1000.0}}))


def test_a_photo_of_nothing_that_the_shop_has_is_met_with_a_word_and_the_nearest_five(
    visit: Callable, described: Path
) -> None:
    expect_much(described)
    page = visit(described)
    page.photograph(encode_jpeg(np.full((300, 300, 3), (120, 90, 200), np.uint8), quality=95))
    assert "The shop doesn't seem to have this." in page.text
    assert "The closest we have" in page.text
    assert len(page.cards) == len(page.similarities) == NUM_MATCHES
    assert "similar</strong>" not in page.html
    assert "same</strong>" not in page.html
    choose(page, "cosine")
    assert "The shop doesn't seem to have this." not in page.text


def test_a_photo_of_what_the_filters_leave_out_is_not_said_to_be_missing_from_the_shop(
    visit: Callable, described: Path
) -> None:
    expect_much(described)
    page = visit(described)
    page.photograph(encode_jpeg(np.full((300, 300, 3), (120, 90, 200), np.uint8), quality=95))
    page.app.multiselect(key="search_categories").set_value(["rocket"]).run()
    page.check()
    assert "Nothing like this among the filtered products." in page.text
    assert len(page.cards) == 4


def test_a_catalogue_that_is_not_described_is_ordered_as_in_the_study_until_one_click_later(
    visit: Callable, home: Path, product_photo: bytes, cut_to: Callable[[int], None]
) -> None:
    cut_to(8)  # too few to calibrate on, which takes longer than everything else
    page = visit(home)
    page.photograph(product_photo)
    assert offered(page) == without_closer_look()
    assert "Ordered as in the study: the catalogue hasn't been analysed in detail yet." in page.text
    assert not [button for button in page.app.button if str(button.key).startswith("why_")]
    assert page.app.button(key="ranking_start").label == "Analyse 8 pictures in detail"
    page.click("ranking_start")
    assert "until the catalogue has been analysed in detail" in page.text
    assert len(page.cards) == NUM_MATCHES
    wait_for_job(home)
    page.app.run()
    page.check()
    assert choice_of(page) == ["cosine" if without_closer_look() else "refined"]  # what was seen as chosen stays
    choose(page, "refined")
    assert page.html.count("Same product") == 1
    assert recorded(home) == ["cosine", "refined"]


def test_a_closer_look_that_failed_can_be_tried_again(visit: Callable, home: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Jobs(home / "cache" / "jobs").owned("EfficientNetLite0"):
        raise KeyboardInterrupt
    page = visit(home, product="coffee-2")
    assert "didn't finish" in page.text
    assert page.app.button(key="ranking_start")
    assert len(page.cards) == NUM_MATCHES


def test_a_print_that_is_not_indexed_is_named_and_indexed_with_one_button(
    visit: Callable, described: Path, product_photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refined_index, "NUM_CANDIDATES", 8)  # the shop has more products than that
    shutil.rmtree(print_folder(described / "cache"))
    page = visit(described)
    page.photograph(product_photo)
    assert "misses some products: the print on all pictures isn't indexed yet." in page.text
    assert choice_of(page) == ["refined"]
    page.click("ranking_start")
    wait_for_job(described)
    page.app.run()
    page.check()
    assert "misses some products" not in page.text
    assert "ranking_start" not in {button.key for button in page.app.button}


def test_damaged_descriptions_are_made_again_with_one_button(
    visit: Callable, described: Path, product_photo: bytes
) -> None:
    damage_kept(described / "cache", "descriptions")
    page = visit(described)
    page.photograph(product_photo)
    assert len(page.cards) == NUM_MATCHES
    assert offered(page) == without_closer_look()
    assert page.app.button(key="ranking_start")
