"""The price filter of the search and of the catalogue, which outlives a catalogue's import."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pages.test_languages import choose_language

EVERY = [f"Product {name}-{quarter}" for name in ("chelsea", "coffee", "astronaut", "rocket") for quarter in range(4)]
CHEAPER = EVERY[:3]


@pytest.fixture
def home_with_prices(home: Path) -> Path:
    """The shop, with its first three products cheaper than the others."""
    catalogue = home / "cache" / "catalogue.json"
    catalogue.write_text(catalogue.read_text().replace("15000.0", "9000.0", 3))
    return home


@pytest.fixture
def other_prices(home_with_prices: Path) -> Callable[[float, float], None]:
    """Import the shop again, with other prices for the three cheaper products and for the last one."""

    def change(cheap: float, last: float) -> None:
        path = home_with_prices / "cache" / "catalogue.json"
        head, _found, tail = path.read_text().replace("9000.0", str(cheap)).rpartition("15000.0")
        path.write_text(f"{head}{last}{tail}")

    return change


def choose_prices(page, low: float, high: float) -> None:
    page.app.select_slider[0].set_range(low, high).run()
    page.check()


def range_of(page) -> tuple[float, float]:
    return page.app.select_slider[0].value


def num_filters(page) -> str:
    """The label of the search's filters."""
    (label,) = (one.label for one in page.app.expander if one.label.startswith("Filters"))
    return label


def test_prices_can_be_filtered_if_they_differ(visit: Callable, home_with_prices: Path) -> None:
    page = visit(home_with_prices)
    choose_prices(page, 7000.0, 10000.0)
    assert num_filters(page) == "Filters (1)"
    page.app.text_input(key="search_words").set_value("product").run()
    assert page.cards == CHEAPER


def test_prices_are_written_as_the_language_writes_them(visit: Callable, home_with_prices: Path) -> None:
    assert visit(home_with_prices).app.select_slider[0].options == ["Rp7,000", "Rp10,000", "Rp15,000"]
    assert visit(home_with_prices, locale="id").app.select_slider[0].options == ["Rp7.000", "Rp10.000", "Rp15.000"]


def test_there_is_no_price_filter_if_all_prices_are_the_same(visit: Callable) -> None:
    assert not visit().app.select_slider


@pytest.mark.parametrize("page", ["search", "catalogue"])
def test_the_whole_range_of_prices_is_still_the_whole_one_after_an_import(
    visit: Callable, home_with_prices: Path, other_prices: Callable, page: str
) -> None:
    opened = visit(home_with_prices, page=page)
    assert range_of(opened) == (7000.0, 15000.0)
    other_prices(4000.0, 40000.0)
    opened.app.run()
    assert range_of(opened) == (3000.0, 50000.0)
    if page == "catalogue":
        assert opened.cards == EVERY
    else:
        assert num_filters(opened) == "Filters"


@pytest.mark.parametrize(
    ("chosen", "prices", "then"),
    [
        ((10000.0, 15000.0), (4000.0, 40000.0), (10000.0, 50000.0)),
        ((7000.0, 10000.0), (4000.0, 40000.0), (3000.0, 10000.0)),
        ((7000.0, 10000.0), (14000.0, 40000.0), (10000.0, 10000.0)),
        ((10000.0, 10000.0), (24000.0, 40000.0), (15000.0, 15000.0)),
    ],
)
def test_a_chosen_range_stays_as_near_as_an_import_s_prices_allow(
    visit: Callable, home_with_prices: Path, other_prices: Callable, chosen: tuple, prices: tuple, then: tuple
) -> None:
    page = visit(home_with_prices, page="catalogue")
    choose_prices(page, *chosen)
    other_prices(*prices)
    page.app.run()
    assert range_of(page) == then


def test_a_chosen_range_outlives_another_language_and_another_page(visit: Callable, home_with_prices: Path) -> None:
    page = visit(home_with_prices, page="catalogue")
    choose_prices(page, 7000.0, 10000.0)
    choose_language(page, "id")
    page.app.run()
    assert page.cards == CHEAPER
    page.go_to("compare")
    page.go_to("catalogue")
    assert range_of(page) == (7000.0, 10000.0)
    assert page.cards == CHEAPER


def test_all_filters_are_removed_at_once(visit: Callable, home_with_prices: Path) -> None:
    page = visit(home_with_prices)
    page.app.multiselect(key="search_categories").set_value(["chelsea"]).run()
    choose_prices(page, 10000.0, 15000.0)
    assert num_filters(page) == "Filters (2)"
    page.click("search_filters_removed")
    assert num_filters(page) == "Filters"
    assert range_of(page) == (7000.0, 15000.0)
    choose_prices(page, 10000.0, 15000.0)
    assert num_filters(page) == "Filters (1)"
