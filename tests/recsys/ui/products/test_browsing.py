import pytest

from recsys.catalogue.products import Catalogue, Product
from recsys.ui.products.browsing import Filters, filter_choices, num_pages, page_of, price_steps


def product(number: int, brand: str, category: str) -> Product:
    return Product(str(number), f"Product {number}", "0" * 64, brand, category)


SHOP = (product(1, "Beta", "Susu"), product(2, "alfa", "Susu"), product(3, "Beta", "Jamu"), product(4, "", ""))


def ids(products) -> list[str]:
    return [product.product_id for product in products]


def test_categories_and_brands_are_sorted_without_regard_to_case_and_without_empty_ones() -> None:
    choices = filter_choices(Catalogue(SHOP))
    assert choices.categories == ["Jamu", "Susu"]
    assert choices.brands() == ["alfa", "Beta"]


def test_brands_are_those_of_the_chosen_categories() -> None:
    choices = filter_choices(Catalogue(SHOP))
    assert choices.brands(["Jamu"]) == ["Beta"]
    assert choices.brands(["not sold any more"]) == []


def test_no_filter_keeps_everything_in_the_shops_order() -> None:
    assert ids(Filters().of(SHOP)) == ["1", "2", "3", "4"]


def test_filters_are_combined_and_each_takes_any_of_its_values() -> None:
    assert ids(Filters(("Susu", "Jamu"), ("Beta",)).of(SHOP)) == ["1", "3"]
    assert Filters(("Jamu",), ("alfa",)).of(SHOP) == []


def test_the_pages_together_are_all_products_once() -> None:
    products = [product(number, "Beta", "Susu") for number in range(81)]
    assert num_pages(products) == 3
    assert [len(page_of(products, page)) for page in (1, 2, 3)] == [40, 40, 1]
    assert [item for page in (1, 2, 3) for item in page_of(products, page)] == products


def test_an_empty_catalogue_has_one_empty_page() -> None:
    assert num_pages([]) == 1
    assert page_of([], 1) == []


def test_a_full_last_page_is_not_followed_by_an_empty_one() -> None:
    assert num_pages([product(number, "Beta", "Susu") for number in range(80)]) == 2


def priced(*prices: float | None, currency: str = "IDR") -> list[Product]:
    return [
        Product(str(number), "Product", "0" * 64, price=price, currency=currency) for number, price in enumerate(prices)
    ]


def test_a_price_filter_includes_its_ends_and_leaves_out_what_has_no_price() -> None:
    shop = priced(10_000, 20_000, 30_000, None, 40_000)
    assert ids(Filters(price=(20_000, 30_000)).of(shop)) == ["1", "2"]
    assert ids(Filters().of(shop)) == ["0", "1", "2", "3", "4"]


def test_filters_that_are_set_are_counted() -> None:
    assert Filters().count == 0
    assert Filters(("Susu", "Jamu"), (), (0, 0)).count == 2


@pytest.mark.parametrize(
    ("prices", "steps"),
    [
        ((4_000, 26_000), [3_000, 5_000, 7_000, 10_000, 15_000, 20_000, 30_000]),
        ((5_000, 7_000), [5_000, 7_000]),
        ((0, 0.25, 1), [0, 0.2, 0.3, 0.5, 0.7, 1]),
        ((0.001, 0.02), [0.01, 0.015, 0.02]),
        ((2.5, 2.6, None), [2, 3]),
        ((7_000,), []),
        ((7_000, 7_000), []),
        ((None, None), []),
        ((), []),
    ],
)
def test_price_steps_are_round_and_reach_from_the_lowest_to_the_highest_price(prices, steps) -> None:
    found, currency = price_steps(priced(*prices))
    assert found == steps
    assert currency == ("IDR" if steps else "")


def test_prices_in_several_currencies_are_not_compared() -> None:
    assert price_steps([*priced(1, 2), *priced(3, currency="USD")]) == ([], "")
