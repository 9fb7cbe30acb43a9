import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from recsys.num_matches import NUM_MATCHES

EVERY = [f"Product {name}-{quarter}" for name in ("chelsea", "coffee", "astronaut", "rocket") for quarter in range(4)]


def type_words(page, words: str) -> None:
    page.app.text_input(key="search_words").set_value(words).run()
    page.check()


def choose(page, key: str, *values: str) -> None:
    page.app.multiselect(key=key).set_value(list(values)).run()
    page.check()


def test_words_find_products_and_the_page_says_how_many(visit: Callable) -> None:
    page = visit()
    type_words(page, "product rocket")
    assert page.cards == [f"Product rocket-{quarter}" for quarter in range(4)]
    assert "4 products for “product rocket”" in page.text
    assert "Choose a photo to begin" not in page.text


def test_a_correction_and_an_unknown_word_are_reported(visit: Callable) -> None:
    page = visit()
    type_words(page, "astronuat banana")
    assert len(page.cards) == 4
    assert "Showing results for “astronaut” instead of “astronuat”" in page.text.replace("\\", "")
    assert "Not found in any product: banana" in page.text.replace("\\", "")


def test_no_more_of_the_words_is_shown_and_remembered_than_is_searched_for(visit: Callable) -> None:
    page = visit()
    type_words(page, "rocket " * 100_000)
    assert len(page.cards) == 4
    assert len(page.text) < 10_000


def test_words_that_find_nothing_say_what_to_do(visit: Callable) -> None:
    page = visit()
    type_words(page, "[x](javascript:alert) xyzzy")
    assert page.cards == []
    assert "0 products for" in page.text
    assert "Try fewer or different words, or search by photo." in page.text
    assert r"\[x\]\(javascript\:alert" in page.text


def test_more_are_shown_when_asked_for_and_few_again_for_other_words(visit: Callable) -> None:
    page = visit()
    type_words(page, "product")
    assert page.cards == EVERY[:10]
    page.click("search_found_more")
    assert page.cards == EVERY
    type_words(page, "a quarter")
    assert len(page.cards) == 10


def test_filters_narrow_what_words_find(visit: Callable) -> None:
    page = visit()
    type_words(page, "product")
    choose(page, "search_categories", "coffee", "rocket")
    choose(page, "search_brands", "Brand 1")
    assert page.cards == ["Product coffee-1", "Product rocket-1"]
    assert page.app.expander(key="search_filters").label == "Filters (2)"
    page.click("search_filters_removed")
    assert page.cards == EVERY[:10]


def test_when_filters_leave_nothing_they_can_be_removed_on_the_spot(visit: Callable) -> None:
    page = visit()
    choose(page, "search_categories", "rocket")
    type_words(page, "chelsea")
    assert page.cards == []
    assert "None of the products with these words match the filters." in page.text
    page.click("search_found_unfiltered")
    assert len(page.cards) == 4


def test_filters_narrow_what_a_photo_is_compared_with(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    choose(page, "search_brands", "Brand 0", "Brand 1")
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert len(page.cards) == NUM_MATCHES
    assert all(name[-1] in "01" for name in page.cards)
    assert "8 products compared in" in page.text


def test_filters_that_leave_nothing_to_compare_with_say_so(visit: Callable) -> None:
    page = visit(product="coffee-2")
    choose(page, "search_categories", "coffee")
    choose(page, "search_brands", "Brand 2")
    assert page.cards == []
    assert "There are no products to compare it with." in page.text


def test_a_photo_can_be_compared_with_the_results_for_words_only(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    type_words(page, "rocket")
    by_photo, by_words = page.cards[:NUM_MATCHES], page.cards[NUM_MATCHES:]
    assert by_photo[0] == "Product coffee-2"
    assert by_words == [f"Product rocket-{quarter}" for quarter in range(4)]
    page.app.checkbox(key="search_within_words").check().run()
    page.check()
    assert sorted(page.cards[:4]) == sorted(page.cards[4:]) == by_words
    assert "4 products compared in" in page.text


def test_only_within_is_not_offered_without_a_photo_or_results_for_words(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    type_words(page, "rocket")
    assert not page.app.checkbox
    page.photograph((shop_csv.parent / "coffee-2.jpg").read_bytes())
    assert len(page.app.checkbox) == 1
    type_words(page, "xyzzy")
    assert not page.app.checkbox
    assert len(page.cards) == NUM_MATCHES


def test_words_and_filters_stay_when_the_visitor_comes_back_from_another_page(visit: Callable) -> None:
    page = visit()
    type_words(page, "product")
    choose(page, "search_categories", "rocket")
    page.go_to("compare")
    page.go_to("search")
    assert page.cards == [f"Product rocket-{quarter}" for quarter in range(4)]


def test_a_search_by_words_is_recorded_and_does_not_open_the_poll(visit: Callable, home: Path) -> None:
    page = visit()
    type_words(page, "rocket")
    page.app.run()
    with closing(sqlite3.connect(home / "records" / "records.db")) as connection:
        searches = connection.execute("select source, backbone, encode_ms from feedback_searches").fetchall()
        found = connection.execute("select product_id from feedback_matches order by rank").fetchall()
    assert searches == [("text", None, None)]
    assert found == [(f"rocket-{quarter}",) for quarter in range(4)]
    page.go_to("survey")
    assert "please try it first" in page.text
