"""The catalogue: browse it, filter it, and continue with products like one of them."""

from zlib import crc32

import streamlit as st

from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext, number_text
from recsys.ui.products.browsing import PAGE_SIZE, filter_choices, num_pages, page_of
from recsys.ui.products.cards import Card, product_grid, similar_link
from recsys.ui.products.filters import filter_row
from recsys.ui.shell.scrolling import scroll_on_change
from recsys.ui.shell.services import recommender

st.title(_("Catalogue"), anchor=False)
engine = recommender().engine
products = engine.catalogue.products

with st.container(key="catalogue_filters"):
    filters = filter_row(engine.once(filter_choices), st.columns(3), key="catalogue")
found = filters.of(products)

with st.container(key="catalogue_bar", horizontal=True, vertical_alignment="center"):
    # A changed filter gets a new widget, which starts on its first page.
    page = st.pagination(
        num_pages(found), key=f"catalogue_page_{crc32(repr(filters).encode())}", width=380, persist_state="session"
    )
    shown = page_of(found, page)
    st.caption(
        _("{count}, showing {first} to {last}").format(
            count=ngettext("{number} product", "{number} products", len(found)),
            first=number_text((page - 1) * PAGE_SIZE + 1),
            last=number_text((page - 1) * PAGE_SIZE + len(shown)),
        )
        if shown
        else _("No products match all of these filters. Try removing one.")
    )

product_grid([Card(product) for product in shown], key="catalogue", actions=[similar_link], level=2)
scroll_on_change("catalogue_filters", of=page)
