import json
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from embeddings.errors import DownloadError, WeightsError
from embeddings.imaging.box import Box
from embeddings.imaging.photos import encode_jpeg
from embeddings.models.backbones import BACKBONES
from recsys.catalogue.products import catalogue_path
from recsys.demo.growth import DEMO_JOB
from recsys.errors import CatalogueError
from recsys.indexing.jobs import Jobs
from recsys.indexing.progress import JobState, Stage
from recsys.num_matches import NUM_MATCHES
from recsys.search.rankings import COSINE
from tests.barcode_pictures import barcode, photo_with
from tests.hostile import HOSTILE
from tests.small_shop import GTIN, WITH_BARCODE

WHOLE = [0, 0, 1, 1]


def test_the_first_visit_asks_for_a_photo_and_shows_no_match(visit: Callable) -> None:
    page = visit()
    assert "Choose a photo to begin" in page.text
    assert page.cards == []


def test_an_uploaded_photo_gives_five_cards_with_the_product_first(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert len(page.cards) == NUM_MATCHES
    assert page.cards[0] == "Product coffee-2"
    assert page.similarities == sorted(page.similarities, reverse=True)
    assert "16 products compared in" in page.text
    assert "Rp15,000" in page.html


def test_the_matches_stay_when_the_visitor_comes_back_from_another_page(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    before = page.cards
    page.go_to("catalogue")
    page.go_to("search")
    assert page.cards == before


def test_a_photo_with_a_barcode_finds_that_product_first_and_says_so(visit: Callable) -> None:
    page = visit()
    page.photograph(encode_jpeg(photo_with(barcode(GTIN)), quality=90))
    assert page.cards[0] == f"Product {WITH_BARCODE}"
    assert page.html.count("Same barcode") == 1
    page.photograph(encode_jpeg(photo_with(barcode("96385074")), quality=90))
    assert "No product in the shop is listed with the photo's barcode, 96385074." in page.text
    assert "Same barcode" not in page.html
    assert len(page.cards) == NUM_MATCHES


def timings(visit) -> list[str]:
    return [caption.value for caption in visit.app.caption if "to encode the photo" in caption.value]


def test_a_rerun_does_not_encode_the_same_photo_again(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    (timing,) = timings(page)
    queries, photo = page.app.session_state["search_queries"], page.app.session_state["search_photo"]
    encoded = queries.query(photo, BACKBONES["EfficientNetLite0"], ranking=COSINE)
    page.app.run()
    assert queries.query(photo, BACKBONES["EfficientNetLite0"], ranking=COSINE) is encoded
    assert page.app.session_state["search_queries"] is queries
    # The milliseconds of the encoding are those of the first run.
    (again,) = timings(page)
    assert again.split("after")[1] == timing.split("after")[1]


def test_a_file_that_is_no_picture_is_refused_with_the_reason(visit: Callable) -> None:
    page = visit()
    page.photograph(b"not a picture")
    assert "Choose a JPEG, PNG, WebP, AVIF, GIF or HEIC file." in page.app.error[0].value.replace("\\", "")
    assert page.cards == []


def test_a_picture_clears_the_message_about_the_last_file(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph(b"not a picture")
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert not page.app.error
    assert len(page.cards) == NUM_MATCHES


def test_a_problem_that_the_browser_shows_clears_the_message_about_an_earlier_file(visit: Callable) -> None:
    page = visit()
    page.photograph(b"not a picture")
    page.send("search_intake", "problem", value=True)
    assert not page.app.error


def test_a_random_product_is_left_out_of_its_matches_and_the_page_says_so(visit: Callable) -> None:
    page = visit()
    page.click("search_random")
    product_id = page.app.query_params["product"]
    assert len(page.cards) == NUM_MATCHES
    assert f"Product {product_id}" not in page.cards
    assert "left out of the matches" in page.text
    assert "15 products compared in" in page.text


def test_the_only_product_of_a_catalogue_has_nothing_to_be_compared_with(
    visit: Callable, cut_to: Callable[[int], None]
) -> None:
    cut_to(1)
    page = visit()
    page.click("search_random")
    assert page.cards == []
    assert "There are no products to compare it with." in page.text
    assert "0 products" not in page.text
    assert "left out of the matches" not in page.text  # there are none


def test_each_photo_that_is_chosen_is_searched_with_at_once(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    for name in ("coffee-2", "rocket-1"):
        page.photograph((shop_csv.parent / f"{name}.jpg").read_bytes())
        assert page.cards[0] == f"Product {name}"
    queries = page.app.session_state["search_queries"]
    photo, lite0 = page.app.session_state["search_photo"], BACKBONES["EfficientNetLite0"]
    assert queries.knows(photo, lite0, ranking=COSINE)


def test_the_network_view_is_made_only_when_opened(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert "Squashed to 224x224 pixels" not in page.text
    page.app.session_state["search_network_view"] = True  # AppTest cannot open the widget that reports being opened
    page.app.run()
    page.check()
    assert "Squashed to 224x224 pixels" in page.text


def test_a_photo_takes_over_from_a_product(visit: Callable, shop_csv: Path) -> None:
    page = visit(product="coffee-2")
    assert "Product coffee-2" not in page.cards
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert page.cards[0] == "Product coffee-2"
    assert "product" not in page.app.query_params


def test_a_match_leads_on_to_products_like_it(visit: Callable) -> None:
    page = visit(product="coffee-2")
    second = page.cards[1]
    page.click("similar_search_1")
    assert page.app.query_params["product"] == second.removeprefix("Product ")
    assert second not in page.cards


def test_an_unknown_product_in_the_address_is_named_as_text(visit: Callable) -> None:
    page = visit(product="**nothing** <b>")
    assert page.app.error[0].value == r"There is no product \*\*nothing\*\* \<b\> in the catalogue\."
    assert page.cards == []


def test_a_sample_gives_five_cards(visit: Callable, home_with_samples: Path) -> None:
    page = visit(home_with_samples)
    page.click("search_welcome_1")
    assert page.cards[0] == "Product rocket-3"
    assert len(page.cards) == NUM_MATCHES


def test_with_a_photo_the_samples_are_in_a_menu(visit: Callable, home_with_samples: Path) -> None:
    page = visit(home_with_samples)
    page.click("search_welcome_0")
    keys = [button.key for button in page.app.button]
    assert not [key for key in keys if key and key.startswith(("search_welcome", "search_samples"))]
    page.app.session_state["search_gallery_menu"] = True  # AppTest cannot open the widget that reports being opened
    page.app.run()
    page.click("search_samples_0")
    assert len(page.cards) == NUM_MATCHES


def test_samples_are_offered_only_if_there_are_any(visit: Callable, home: Path) -> None:
    assert "Start with one of these photos" not in visit(home).text


def test_a_photo_is_searched_within_its_frame_and_the_search_follows_it(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert page.app.session_state["search_photo"].box == Box(0.075, 0.075, 0.85, 0.85)
    framed = page.similarities
    page.send("search_box", "box", WHOLE)
    assert page.cards[0] == "Product coffee-2"
    assert page.similarities[0] == pytest.approx(1, abs=0.02)
    assert page.similarities[0] > framed[0]
    page.send("search_box", "box", [0.075, 0.075, 0.85, 0.85])
    assert page.similarities == framed


def test_the_whole_picture_of_a_product_is_searched_until_it_is_framed(visit: Callable) -> None:
    page = visit(product="coffee-2")
    whole = page.similarities
    page.send("search_box", "box", [0.0, 0.5, 0.5, 0.5])
    assert page.similarities != whole
    assert "Product coffee-2" not in page.cards
    page.send("search_box", "box", WHOLE)
    assert page.similarities == whole


def test_what_no_page_of_ours_sends_changes_nothing(visit: Callable) -> None:
    page = visit(product="coffee-2")
    before = page.similarities
    page.send("search_box", "box", [0, 0, 1, "1"])
    page.send("search_intake", "photo", {"origin": "upload", "content": 7})
    assert page.similarities == before
    assert len(page.cards) == NUM_MATCHES
    assert not page.app.error


def test_every_backbone_is_listed_with_its_state_and_the_ready_ones_come_first(visit: Callable) -> None:
    page = visit()
    names = [name for name in BACKBONES if name != "EfficientNetLite0"]
    assert page.app.selectbox[0].options == ["EfficientNetLite0", *(f"{name} (not ready)" for name in names)]
    assert page.app.selectbox[0].value == "EfficientNetLite0"
    assert all(f'<span class="kc-backbone">{name}</span>' in page.html for name in BACKBONES)
    assert page.html.count("Weights not downloaded") == sum(not one.is_bundled for one in BACKBONES.values())
    assert "Weights not downloaded (95 MB)" in page.html


def choose(visit, backbone: str) -> None:
    visit.app.selectbox(key="search_backbone").set_value(backbone).run()
    visit.check()


def test_a_backbone_without_weights_shows_their_size_and_one_button(visit: Callable) -> None:
    page = visit()
    choose(page, "ResNet50")
    assert "ResNet50 is not ready" in page.text
    assert "encodes the catalogue (16 pictures)" in page.text
    assert page.app.button(key="jobs_start").label == "Get the weights (95 MB)"


def test_without_the_key_no_job_is_offered(visit: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "sesame")
    page = visit()
    choose(page, "ResNet50")
    assert "enter the key on the Usage page" in page.text
    assert not [button for button in page.app.button if button.key == "jobs_start"]


def test_one_button_makes_a_backbone_ready_and_the_photo_is_searched_with_it(
    visit: Callable, home: Path, shop_csv: Path, cut_to: Callable[[int], None]
) -> None:
    cut_to(8)  # too few to calibrate on, which takes longer than everything else
    page = visit()
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    choose(page, "EfficientNetLite1")
    assert page.cards == []
    assert page.app.button(key="jobs_start").label == "Encode the catalogue (8 pictures)"
    page.click("jobs_start")
    assert not [button for button in page.app.button if button.key == "jobs_start"]
    assert "EfficientNetLite1 is being made ready" in page.text
    assert "Being made ready" in page.html

    other = visit()  # another visitor, who searches with another backbone meanwhile
    other.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert other.cards[0] == "Product coffee-2"

    jobs, deadline = Jobs(home / "cache" / "jobs"), time.monotonic() + 60
    while jobs.job("EfficientNetLite1").state is JobState.RUNNING and time.monotonic() < deadline:
        time.sleep(0.1)
    page.app.run()
    assert [toast.value for toast in page.app.toast] == ["EfficientNetLite1 is ready"]
    page.check()
    assert page.cards[0] == "Product coffee-2"
    assert page.app.selectbox[0].value == "EfficientNetLite1"
    assert page.app.selectbox[0].options[:2] == ["EfficientNetLite0", "EfficientNetLite1"]


@pytest.mark.parametrize(
    "stage, text",
    [
        (Stage.SENDING, "VGG16: Sending the pictures, 4 of 16 files"),
        (Stage.ENCODING, "VGG16: Encoding the catalogue, 4 of 16 pictures"),
    ],
)
def test_every_visitor_sees_running_jobs_next_to_their_results(
    visit: Callable, home: Path, stage: Stage, text: str
) -> None:
    with Jobs(home / "cache" / "jobs").owned("VGG16") as report:
        report(stage, 4, 16)
        page = visit(home, product="coffee-2")
        assert len(page.cards) == NUM_MATCHES
        (progress,) = page.app.get("progress")
        assert progress.proto.value == 25
        assert progress.proto.text.startswith(text)
        assert page.html.count("Being made ready") == 1
    page.app.run()
    assert not page.app.get("progress")


def test_a_failed_job_says_in_plain_words_why_and_can_be_tried_again(visit: Callable, home: Path) -> None:
    with pytest.raises(WeightsError), Jobs(home / "cache" / "jobs").owned("VGG16"):
        raise WeightsError(f"Expected {HOSTILE.splitlines()[0]}.")
    page = visit(home)
    assert not page.app.toast
    choose(page, "VGG16")
    assert "VGG16 could not be made ready" in page.text
    assert page.app.warning[0].value == r"This backbone\'s weights are missing or cannot be used\."
    assert any(r"\<script\>document" in caption.value for caption in page.app.caption)
    assert "can add a weights file for VGG16" in page.text
    assert page.app.button(key="jobs_start").label == "Try again"


def test_only_administrators_read_the_exact_words_of_a_failed_preparation(
    visit: Callable, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "sesame")
    with pytest.raises(DownloadError), Jobs(home / "cache" / "jobs").owned("VGG16"):
        raise DownloadError("Expected the weights at http://mirror, but the server answered 404.")
    page = visit(home)
    choose(page, "VGG16")
    assert page.app.warning[0].value.startswith("The weights could not be downloaded")
    assert "404" not in page.text
    monkeypatch.delenv("RECSYS_STAKEHOLDER_KEY")  # now everybody is one
    page.app.run()
    assert page.app.warning[0].value.startswith("The weights could not be downloaded")
    assert "the server answered 404" in page.text


def test_a_demo_shop_that_cannot_be_built_says_so(visit: Callable, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError), Jobs(tmp_path / "cache" / "jobs").owned(DEMO_JOB):
        raise CatalogueError("Expected every process to finish, one was ended.")
    page = visit(tmp_path)
    assert "The demo shop could not be built" in page.text
    assert page.app.warning[0].value == r"It stopped before it was done\."
    assert "can build a demo shop" in page.text
    assert "Details" in page.text


def test_a_job_whose_owner_died_can_be_continued(visit: Callable, home: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Jobs(home / "cache" / "jobs").owned("EfficientNetLite2"):
        raise KeyboardInterrupt
    page = visit(home)
    choose(page, "EfficientNetLite2")
    assert "EfficientNetLite2 was interrupted" in page.text
    assert page.app.button(key="jobs_start").label == "Continue"


def test_a_broken_file_of_the_user_says_what_to_do_and_offers_no_button(
    visit: Callable, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "records" / "weights").mkdir(parents=True)
    (home / "records" / "weights" / "VGG16.weights").write_bytes(b"broken")
    page = visit(home)
    caplog.clear()
    choose(page, "VGG16")
    assert "can add a weights file for VGG16" in page.text
    assert page.app.warning[0].value == r"This backbone\'s weights are missing or cannot be used\."
    assert "VGG16.weights with SHA-256" in caplog.text
    assert not [button for button in page.app.button if button.key == "jobs_start"]


def test_a_missing_catalogue_says_what_helps(visit: Callable, tmp_path: Path) -> None:
    page = visit(tmp_path / "nothing")
    assert "can build a demo shop" in page.text
    assert "can import the shop's products" in page.text.replace("\\", "")


def test_vectors_of_another_catalogue_can_be_remade_with_one_button(visit: Callable, home: Path) -> None:
    path = catalogue_path(home / "cache")
    content = json.loads(path.read_bytes())
    content["products"][0]["image_key"] = "f" * 64
    path.write_text(json.dumps(content))
    page = visit(home)
    assert "EfficientNetLite0 is not ready" in page.text
    assert "Catalogue not encoded, or changed since" in page.text
    assert page.app.button(key="jobs_start").label == "Encode the catalogue (16 pictures)"


def test_an_unusable_setting_is_named_in_the_log_only(
    visit: Callable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RECSYS_MAX_NETWORKS", "many")
    page = visit()
    assert "set up correctly" in page.text
    assert "RECSYS" not in page.text
    assert "RECSYS_MAX_NETWORKS" in caplog.text


def test_a_product_whose_picture_is_lost_says_so(visit: Callable, home: Path) -> None:
    for picture in (home / "cache" / "images" / "240").iterdir():
        picture.unlink()
    page = visit(home, product="coffee-2")
    assert page.app.error[0].value == r"The product\'s picture is lost or damaged\."


def test_hostile_texts_are_escaped_wherever_they_appear(visit: Callable, hostile_home: Path) -> None:
    page = visit(hostile_home, product="chelsea-0")
    assert HOSTILE in unescape(page.html)
    page = visit(hostile_home, product="chelsea-1")
    assert "<script>alert" not in page.html
    assert "<img src=x" not in page.html
