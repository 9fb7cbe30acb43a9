"""Browsing the catalogue: filters by category, brand and price, and pages."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recsys.catalogue.products import Catalogue, Product

PAGE_SIZE = 40
_ROUND = tuple(float(f"{step}e{power}") for power in range(-2, 15) for step in (1, 1.5, 2, 3, 5, 7))


@dataclass(frozen=True)
class Filters:
    """What a product must have: one of the categories, of the brands, a price within. What is empty asks nothing."""

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    price: tuple[float, float] | None = None

    @property
    def count(self) -> int:
        """How many of the three are set."""
        return sum(map(bool, (self.categories, self.brands, self.price)))

    def allow(self, product: Product) -> bool:
        """Whether the product passes; one without a price does not pass a filter by price."""
        if self.price is not None and (product.price is None or not self.price[0] <= product.price <= self.price[1]):
            return False
        return (not self.categories or product.category in self.categories) and (
            not self.brands or product.brand in self.brands
        )

    def of(self, products: Iterable[Product]) -> list[Product]:
        """The products that pass, in their order."""
        return [product for product in products if self.allow(product)]


@dataclass(frozen=True)
class FilterChoices:
    """What a catalogue's filters offer: its brands by category, and the price steps with their currency."""

    brands_by_category: dict[str, frozenset[str]]
    price_steps: tuple[float, ...]
    currency: str

    @property
    def categories(self) -> list[str]:
        """The categories there are, sorted; products without one are not counted."""
        return sorted(filter(None, self.brands_by_category), key=str.casefold)

    def brands(self, categories: Sequence[str] = ()) -> list[str]:
        """The brands there are within `categories` (any, if empty), sorted."""
        chosen = categories or [*self.brands_by_category]
        there = frozenset[str]().union(*(self.brands_by_category.get(category, ()) for category in chosen))
        return sorted(filter(None, there), key=str.casefold)


def filter_choices(catalogue: Catalogue) -> FilterChoices:
    """Work out what the catalogue's filters offer."""
    brands: dict[str, set[str]] = {}
    for product in catalogue.products:
        brands.setdefault(product.category, set()).add(product.brand)
    steps, currency = price_steps(catalogue.products)
    return FilterChoices({category: frozenset(there) for category, there in brands.items()}, tuple(steps), currency)


def price_steps(products: Iterable[Product]) -> tuple[list[float], str]:
    """Round prices from below the lowest to above the highest, and their currency.

    None where fewer than two prices differ, or where there are several currencies, which do not compare.
    """
    priced = [product for product in products if product.price is not None]
    prices, currencies = {product.price or 0.0 for product in priced}, {product.currency for product in priced}
    if len(prices) < 2 or len(currencies) > 1:
        return [], ""
    positive = [price for price in prices if price > 0]
    first = bisect_right(_ROUND, min(positive)) - 1
    last = bisect_left(_ROUND, max(positive))
    steps = list(_ROUND[max(0, first) : last + 1])
    return [0.0, *steps] if len(positive) < len(prices) else steps, currencies.pop()


def num_pages(products: Sequence[Product]) -> int:
    """How many pages the products fill; at least 1."""
    return max(1, -(-len(products) // PAGE_SIZE))


def page_of(products: Sequence[Product], page: int) -> Sequence[Product]:
    """The products of page `page`, counted from 1."""
    return products[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
