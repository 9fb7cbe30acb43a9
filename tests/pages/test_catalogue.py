from collections.abc import Callable
from pathlib import Path

from recsys.num_matches import NUM_MATCHES


def choose(page, label: str, *values: str) -> None:
    next(widget for widget in page.app.multiselect if widget.label == label).set_value(list(values)).run()
    page.check()


def test_the_catalogue_shows_every_product_in_the_shops_order(visit: Callable) -> None:
    page = visit(page="catalogue")
    names = ("chelsea", "coffee", "astronaut", "rocket")
    assert page.cards == [f"Product {name}-{quarter}" for name in names for quarter in range(4)]
    assert "16 products, showing 1 to 16" in page.text


def test_brands_follow_the_category_and_filters_narrow_the_count(visit: Callable, home: Path) -> None:
    page = visit(page="catalogue")
    choose(page, "Category", "coffee", "rocket")
    choose(page, "Brand", "Brand 1")
    assert page.cards == ["Product coffee-1", "Product rocket-1"]
    assert "2 products, showing 1 to 2" in page.text


def test_a_brand_that_the_category_does_not_have_is_no_longer_offered(visit: Callable, hostile_home: Path) -> None:
    page = visit(hostile_home, page="catalogue")
    choose(page, "Category", "coffee")
    brands = page.app.multiselect[1].options
    assert brands == ["Brand 0", "Brand 1", "Brand 2", "Brand 3"]


def test_a_chosen_brand_outside_a_new_category_does_not_hide_the_category(visit: Callable, hostile_home: Path) -> None:
    page = visit(hostile_home, page="catalogue")
    hostile_brand = next(option for option in page.app.multiselect[1].options if "Susu" in option)
    choose(page, "Brand", hostile_brand)
    assert len(page.cards) == 1
    choose(page, "Category", "coffee")
    assert len(page.cards) == 4


def test_similar_to_this_one_searches_with_the_product_and_leaves_it_out(visit: Callable) -> None:
    page = visit(page="catalogue")
    links = [one.proto for one in page.app.get("page_link") if one.proto.label == "More like this"]
    assert (links[6].page, links[6].query_string) == ("", "product=coffee-2")
    search = visit(product="coffee-2")
    assert len(search.cards) == NUM_MATCHES
    assert "Product coffee-2" not in search.cards


def test_hostile_texts_are_escaped(visit: Callable, hostile_home: Path) -> None:
    page = visit(hostile_home, page="catalogue")
    assert "Susu" in page.cards[0]
    assert "<script>alert" not in page.html
    assert page.html.count("<img ") == 16


def test_a_missing_catalogue_says_what_helps(visit: Callable, tmp_path: Path) -> None:
    page = visit(tmp_path / "nothing", page="catalogue")
    assert "can build a demo shop" in page.text
