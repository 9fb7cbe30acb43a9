import json
import re
from collections.abc import Callable
from pathlib import Path

from recsys.num_matches import NUM_MATCHES


def choose_language(page, code: str) -> None:
    page.app.menu_button(key="language_menu").set_value(code).run()
    page.check()


def title(page) -> str:
    return page.app.title[0].value


ENGLISH, INDONESIAN = "Which products look like this?", "Produk mana yang mirip dengan ini?"


def test_a_browser_that_asks_for_indonesian_gets_it(visit: Callable) -> None:
    assert title(visit(locale="id-ID")) == INDONESIAN


def test_any_other_browser_gets_english(visit: Callable) -> None:
    assert title(visit(locale="kl-GL")) == ENGLISH


def test_the_language_can_be_switched_and_lasts_from_page_to_page(visit: Callable) -> None:
    page = visit(locale="id-ID")
    choose_language(page, "en")
    assert title(page) == ENGLISH
    page.go_to("catalogue")
    assert title(page) == "Catalogue"
    choose_language(page, "id")
    assert title(page) == "Katalog"


def test_switching_the_language_keeps_the_matches(visit: Callable) -> None:
    page = visit(product="coffee-2")
    before = page.cards
    assert len(before) == NUM_MATCHES
    choose_language(page, "id")
    assert page.cards == before
    assert "15 produk dibandingkan dalam" in page.text


def test_the_visitor_s_photo_is_named_in_the_current_language(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert "Your photo" in [header.value for header in page.app.header]
    choose_language(page, "id")
    assert "Foto Anda" in [header.value for header in page.app.header]
    page.go_to("compare")
    assert "Foto Anda" in [header.value for header in page.app.header]


def test_prices_and_similarities_are_written_the_indonesian_way(visit: Callable) -> None:
    page = visit(locale="id", product="coffee-2")
    assert "Rp15.000" in page.html
    assert len(re.findall(r"kosinus <b>0,\d{3}</b>", page.html)) == NUM_MATCHES


def told_to_the_browser(page) -> dict:
    (component,) = (one.proto for one in page.app.get("bidi_component") if "page_language" in one.proto.id)
    return json.loads(component.json)


def test_the_browser_learns_the_chosen_language_and_a_cookie_stores_it(visit: Callable) -> None:
    page = visit(locale="id")
    assert told_to_the_browser(page) == {"language": "id", "cookie": ""}
    choose_language(page, "en")
    kept = "kalcare_language=en; path=/; max-age=31536000; samesite=lax"
    assert told_to_the_browser(page) == {"language": "en", "cookie": kept}


def test_what_is_wrong_with_a_file_is_said_in_indonesian_and_follows_the_language(visit: Callable) -> None:
    page = visit(locale="id")
    page.photograph(b"%PDF" + b"0" * 1_572_864)
    assert "File ini bukan gambar yang dapat kami baca." in page.app.error[0].value.replace("\\", "")
    choose_language(page, "en")
    assert "This file isn't a picture we can read." in page.app.error[0].value.replace("\\", "")


def test_a_missing_catalogue_is_said_in_indonesian_with_what_helps(visit: Callable, tmp_path: Path) -> None:
    page = visit(tmp_path / "nothing", locale="id")
    assert "tidak dapat dibaca" in page.app.warning[0].value
    assert str(tmp_path) not in page.text
    assert "Pengelola aplikasi ini dapat membuat toko demo" in page.text


def test_a_backbone_that_is_not_ready_says_so_in_indonesian(visit: Callable, home: Path) -> None:
    (home / "records" / "weights").mkdir(parents=True)
    (home / "records" / "weights" / "VGG16.weights").write_bytes(b"broken")
    page = visit(home)
    page.app.selectbox(key="search_backbone").set_value("VGG16").run()
    choose_language(page, "id")
    assert "VGG16 belum siap" in page.text
    assert "dapat menambahkan file bobot untuk VGG16" in page.text


def test_an_unknown_product_is_named_in_indonesian(visit: Callable) -> None:
    assert visit(locale="id", product="x").app.error[0].value == r"Tidak ada produk x di katalog\."
