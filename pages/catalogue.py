"""The catalogue: browse it, filter it, and go on to products like one of them."""

import streamlit as st

from recsys.ui.browsing import PAGE_SIZE, brands_of, categories_of, filtered, num_pages, page_of
from recsys.ui.cards import Card, product_grid
from recsys.ui.failures import failures_shown
from recsys.ui.services import recommender
from recsys.ui.translations import gettext as _
from recsys.ui.translations import ngettext, number_text

st.title(_("Catalogue"), anchor=False)


def to_first_page() -> None:
    st.session_state["catalogue_page"] = 1


with failures_shown():
    products = recommender().catalogue.products

category_column, brand_column = st.columns(2)
categories = category_column.multiselect(
    _("Category"),
    categories_of(products),
    key="catalogue_categories",
    placeholder=_("All categories"),
    on_change=to_first_page,
    persist_state="session",
)
brands = brand_column.multiselect(
    _("Brand"),
    brands_of(products, categories),
    key="catalogue_brands",
    placeholder=_("All brands"),
    on_change=to_first_page,
    persist_state="session",
)
found = filtered(products, categories=categories, brands=brands)

with st.container(key="catalogue_bar", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    count = ngettext("{number} product", "{number} products", len(found))
    page = st.pagination(num_pages(found), key="catalogue_page", persist_state="session")
    first = (page - 1) * PAGE_SIZE
    shown = page_of(found, page)
    st.caption(
        _("{count}, showing {first} to {last}").format(
            count=count, first=number_text(first + 1), last=number_text(first + len(shown))
        )
        if shown
        else _("No product has both this category and this brand: remove a filter.")
    )

product_grid([Card(product) for product in shown], key="catalogue")
