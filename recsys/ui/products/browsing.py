"""Browsing the catalogue: filters by category, brand and price, and pages."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recsys.catalogue.products import Catalogue, Product

PAGE_SIZE = 40
_ROUND = tuple(float(f"{step}e{power}") for power in range(-2, 15) for step in (1, 1.5, 2, 3, 5, 7))


@dataclass(frozen=True)
class Filters:
    """What a product must have: one of the categories, one of the brands, a price in the range; empty: any."""

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    price: tuple[float, float] | None = None

    @property
    def count(self) -> int:
        """The number of filters set, of three."""
        return sum(map(bool, (self.categories, self.brands, self.price)))

    def allow(self, product: Product) -> bool:
        """Whether the product passes; one without a price does not pass a price filter."""
        if self.price is not None and (product.price is None or not self.price[0] <= product.price <= self.price[1]):
            return False
        return (not self.categories or product.category in self.categories) and (
            not self.brands or product.brand in self.brands
        )

    def of(self, products: Iterable[Product]) -> list[Product]:
        """The products that pass, in order."""
        return [product for product in products if self.allow(product)]


@dataclass(frozen=True)
class FilterChoices:
    """The choices a catalogue's filters offer: its brands by category, and price steps with their currency."""

    brands_by_category: dict[str, frozenset[str]]
    price_steps: tuple[float, ...]
    currency: str

    @property
    def categories(self) -> list[str]:
        """The categories, sorted; products without one are not counted."""
        return sorted(filter(None, self.brands_by_category), key=str.casefold)

    def brands(self, categories: Sequence[str] = ()) -> list[str]:
        """The brands within `categories` (any, if empty), sorted."""
        chosen = categories or [*self.brands_by_category]
        there = frozenset[str]().union(*(self.brands_by_category.get(category, ()) for category in chosen))
        return sorted(filter(None, there), key=str.casefold)

    def enclosing_prices(self, low: float | None, high: float | None) -> tuple[float, float]:
        """The nearest steps that enclose two prices, as far as there are any; None is the range's end. Needs steps."""
        steps = self.price_steps
        below = [step for step in steps if low is not None and step <= low]
        above = [step for step in steps if high is not None and step >= high]
        return below[-1] if below else steps[0], above[0] if above else steps[-1]


def filter_choices(catalogue: Catalogue) -> FilterChoices:
    """Compute the choices that the catalogue's filters offer."""
    brands: dict[str, set[str]] = {}
    for product in catalogue.products:
        brands.setdefault(product.category, set()).add(product.brand)
    steps, currency = price_steps(catalogue.products)
    return FilterChoices({category: frozenset(there) for category, there in brands.items()}, tuple(steps), currency)


def price_steps(products: Iterable[Product]) -> tuple[list[float], str]:
    """Round prices from below the lowest to above the highest, and their currency.

    None if fewer than two prices differ, or if there are several currencies, which cannot be compared.
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
    """The number of pages for the products; at least 1."""
    return max(1, -(-len(products) // PAGE_SIZE))


def page_of(products: Sequence[Product], page: int) -> Sequence[Product]:
    """The products of page `page`, counted from 1."""
    return products[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
