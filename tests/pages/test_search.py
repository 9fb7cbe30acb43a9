import json
from collections.abc import Callable
from pathlib import Path

import pytest

from embeddings.backbones import BACKBONES
from recsys.catalogue.products import catalogue_path


def upload(visit, content: bytes, name: str = "photo.jpg") -> None:
    visit.app.file_uploader[0].upload(name, content, "image/jpeg").run()
    visit.check()


def test_the_first_visit_asks_for_a_photo_and_shows_no_match(visit: Callable) -> None:
    page = visit()
    assert "Choose a photo to begin" in page.text
    assert page.cards == []


def test_an_uploaded_photo_gives_five_cards_with_the_product_first(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    upload(page, (shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert len(page.cards) == 5
    assert page.cards[0] == "Product coffee-2"
    assert page.similarities[0] == pytest.approx(1, abs=0.05)
    assert page.similarities == sorted(page.similarities, reverse=True)
    assert "16 products compared in" in page.text
    assert "Rp15,000" in page.html


def test_the_matches_stay_when_the_visitor_comes_back_from_another_page(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    upload(page, (shop_csv.parent / "coffee-2.jpg").read_bytes())
    before = page.cards
    page.app.switch_page("../../pages/catalogue.py").run()
    page.app.switch_page("../../pages/search.py").run()
    assert page.cards == before


def test_a_rerun_does_not_encode_the_same_photo_again(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    upload(page, (shop_csv.parent / "coffee-2.jpg").read_bytes())
    timing = page.app.caption[-1].value
    queries, photo = page.app.session_state["search_queries"], page.app.session_state["search_photo"]
    encoded = queries.query(photo, BACKBONES["EfficientNetLite0"])
    page.app.run()
    assert queries.query(photo, BACKBONES["EfficientNetLite0"]) is encoded
    assert page.app.session_state["search_queries"] is queries
    # The milliseconds of the encoding are those of the first run.
    assert page.app.caption[-1].value.split("after")[1] == timing.split("after")[1]


def test_a_file_that_is_no_picture_is_refused_with_the_reason(visit: Callable) -> None:
    page = visit()
    upload(page, b"not a picture")
    assert "got a text" in page.app.error[0].value.replace("\\", "")
    assert page.cards == []


def test_a_picture_clears_the_message_about_the_last_file(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    upload(page, b"not a picture")
    upload(page, (shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert not page.app.error
    assert len(page.cards) == 5


def test_a_random_product_is_left_out_of_its_matches_and_the_page_says_so(visit: Callable) -> None:
    page = visit()
    page.click("search_random")
    product_id = page.app.session_state["search_photo"].product_id
    assert len(page.cards) == 5
    assert f"Product {product_id}" not in page.cards
    assert "left out of the matches" in page.text
    assert "15 products compared in" in page.text


def test_a_photo_takes_over_from_a_product(visit: Callable, shop_csv: Path) -> None:
    page = visit(product="coffee-2")
    assert "Product coffee-2" not in page.cards
    upload(page, (shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert page.cards[0] == "Product coffee-2"
    assert "product" not in page.app.query_params


def test_a_match_leads_on_to_products_like_it(visit: Callable) -> None:
    page = visit(product="coffee-2")
    second = page.cards[1]
    page.click("search_similar_1")
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
    assert len(page.cards) == 5


def test_samples_are_offered_only_where_there_are_some(visit: Callable, home: Path) -> None:
    assert visit(home).app.button_group[0].options == ["Upload", "Camera"]


def test_the_camera_is_off_until_it_is_asked_for(visit: Callable) -> None:
    page = visit()
    assert not page.app.camera_input
    page.app.button_group[0].set_value("camera").run()
    assert len(page.app.camera_input) == 1


def test_every_backbone_is_listed_and_only_the_ready_ones_can_be_chosen(visit: Callable) -> None:
    page = visit()
    assert page.app.selectbox[0].options == ["EfficientNetLite0"]
    assert all(f'<span class="kc-backbone">{name}</span>' in page.html for name in BACKBONES)
    assert page.html.count("Weights not on this machine") == 8
    assert "python -m recsys embed EfficientNetLite1" in page.html


def test_a_missing_catalogue_says_which_commands_to_run(visit: Callable, tmp_path: Path) -> None:
    page = visit(tmp_path / "nothing")
    assert [block.value for block in page.app.code] == [
        "python -m recsys demo",
        "python -m recsys catalogue import FILE.csv",
    ]


def test_vectors_of_another_catalogue_say_which_command_to_run(visit: Callable, home: Path) -> None:
    path = catalogue_path(home / "cache")
    content = json.loads(path.read_bytes())
    content["products"].pop()
    path.write_text(json.dumps(content))
    page = visit(home)
    assert "No backbone is ready to search with" in page.text
    assert [block.value for block in page.app.code] == ["python -m recsys embed EfficientNetLite0"]


def test_an_unusable_setting_is_named(visit: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_MAX_NETWORKS", "many")
    assert r"RECSYS\_MAX\_NETWORKS" in visit().text


def test_a_product_whose_picture_is_lost_says_to_import_again(visit: Callable, home: Path) -> None:
    for picture in (home / "cache" / "images" / "240").iterdir():
        picture.unlink()
    page = visit(home, product="coffee-2")
    assert "import the catalogue again" in page.text


def test_hostile_texts_are_escaped_wherever_they_appear(visit: Callable, hostile_home: Path) -> None:
    page = visit(hostile_home, product="chelsea-0")
    assert page.app.subheader[-1].value.startswith(r"\<script\>alert\(\'1\'\)\<\/script\> \*\*Susu\*\* \[x\]\(")
    page = visit(hostile_home, product="chelsea-1")
    assert "<script>alert" not in page.html
    assert "<img src=x" not in page.html
