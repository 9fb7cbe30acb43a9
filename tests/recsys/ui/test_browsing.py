from recsys.catalogue.products import Product
from recsys.ui.browsing import brands_of, categories_of, filtered, num_pages, page_of


def product(number: int, brand: str, category: str) -> Product:
    return Product(str(number), f"Product {number}", "0" * 64, brand, category)


SHOP = [product(1, "Beta", "Susu"), product(2, "alfa", "Susu"), product(3, "Beta", "Jamu"), product(4, "", "")]


def ids(products) -> list[str]:
    return [product.product_id for product in products]


def test_categories_and_brands_are_sorted_without_regard_to_case_and_without_empty_ones() -> None:
    assert categories_of(SHOP) == ["Jamu", "Susu"]
    assert brands_of(SHOP) == ["alfa", "Beta"]


def test_brands_are_those_of_the_chosen_categories() -> None:
    assert brands_of(SHOP, ["Jamu"]) == ["Beta"]


def test_no_filter_keeps_everything_in_the_shops_order() -> None:
    assert ids(filtered(SHOP)) == ["1", "2", "3", "4"]


def test_filters_are_combined_and_each_takes_any_of_its_values() -> None:
    assert ids(filtered(SHOP, categories=["Susu", "Jamu"], brands=["Beta"])) == ["1", "3"]
    assert filtered(SHOP, categories=["Jamu"], brands=["alfa"]) == []


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
