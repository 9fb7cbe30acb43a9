"""Browsing the catalogue: filters by category and brand, and pages."""

from collections.abc import Iterable, Sequence

from recsys.catalogue.products import Product

PAGE_SIZE = 40


def categories_of(products: Iterable[Product]) -> list[str]:
    """The categories there are, sorted; products without one are not counted."""
    return sorted({product.category for product in products if product.category}, key=str.casefold)


def brands_of(products: Iterable[Product], categories: Sequence[str] = ()) -> list[str]:
    """The brands there are within `categories` (any, if empty), sorted."""
    chosen = filtered(products, categories=categories)
    return sorted({product.brand for product in chosen if product.brand}, key=str.casefold)


def filtered(
    products: Iterable[Product], *, categories: Sequence[str] = (), brands: Sequence[str] = ()
) -> list[Product]:
    """The products of any of the categories and any of the brands, in catalogue order; empty means any."""
    return [
        product
        for product in products
        if (not categories or product.category in categories) and (not brands or product.brand in brands)
    ]


def num_pages(products: Sequence[Product]) -> int:
    """How many pages the products fill; at least 1."""
    return max(1, -(-len(products) // PAGE_SIZE))


def page_of(products: Sequence[Product], page: int) -> Sequence[Product]:
    """The products of page `page`, counted from 1."""
    return products[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
