"""One product in detail, with a larger picture and a link to share."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

import streamlit as st

from recsys.catalogue.products import Product
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import price_text
from recsys.ui.products.cards import rendered, without_tags
from recsys.ui.products.image_routes import picture_url
from recsys.ui.shell.scrolling import scroll_on_change

_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f<>\"'`\\]")


def product_detail(product: Product) -> None:
    """Draw the product, and scroll to it if it has just been opened."""
    with st.container(key="product_detail", gap="small"):
        st.html(
            rendered(
                "product.html",
                product=product,
                price=price_text(product.price, product.currency),
                picture=picture_url(product.image_key),
                alt=_("Picture of {name}").format(name=without_tags(product.name)),
            )
        )
        with st.container(horizontal=True, gap="small", key="product_actions"):
            if page := shop_page(product):
                st.link_button(_("See it in the shop"), page, icon=":material/storefront:", key="product_shop")
            with st.popover(_("Share"), icon=":material/share:", key="product_share", width="content"):
                st.caption(_("This link opens the product for anyone who can reach this app."))
                st.code(shared_link(st.context.url or "", product.product_id), language=None, wrap_lines=True)
    scroll_on_change("product_detail", of=product.product_id, phone_only=True)


def shop_page(product: Product) -> str | None:
    """The shop's own page about the product, if the shop gave a web address."""
    try:
        parts = urlsplit(product.product_url)
    except ValueError:
        return None
    is_page = parts.scheme in ("http", "https") and bool(parts.hostname) and not _UNSAFE.search(product.product_url)
    return product.product_url if is_page else None


def shared_link(page: str, product_id: str) -> str:
    """The address that opens the product in this app."""
    parts = urlsplit(page)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", f"product={quote(product_id, safe='')}", ""))
