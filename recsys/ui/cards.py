"""Product cards: HTML from templates that escape every text, in a grid that Streamlit keeps responsive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recsys.catalogue.products import Product
from recsys.ui.pictures import picture_url
from recsys.ui.translations import gettext as _
from recsys.ui.translations import number_text, price_text

_SEARCH_PAGE = Path(__file__).parents[2] / "pages" / "search.py"


@dataclass(frozen=True)
class Card:
    """A product to show; as a match it has a rank and a cosine similarity."""

    product: Product
    rank: int | None = None
    similarity: float | None = None


def rendered(template: str, **values: object) -> str:
    """Render a template of `templates/`; every value is text and is escaped."""
    return _environment().get_template(template).render(values)


def card_html(card: Card) -> str:
    """The card as HTML; the product's texts are escaped."""
    similarity = card.similarity
    return rendered(
        "card.html",
        product=card.product,
        name=card.product.name,
        title=without_tags(card.product.name),
        price=price_text(card.product.price, card.product.currency),
        picture=picture_url(card.product.image_key),
        alt=_("Picture of {name}").format(name=without_tags(card.product.name)),
        rank=card.rank,
        similarity=None if similarity is None else number_text(similarity, digits=3),
        similarity_label=_("Similarity"),
        percent=None if similarity is None else round(100 * min(1.0, max(0.0, similarity)), 1),
    )


CardActions = Callable[[Card, str], None]
"""Draws what can be done with a card, below it; every widget's key ends in the given text."""


def similar_button(card: Card, key: str) -> None:
    """Draw the button that searches for products like this one."""
    if st.button(_("Similar to this one"), icon=":material/image_search:", key=f"similar_{key}", width="stretch"):
        st.switch_page(_SEARCH_PAGE, query_params={"product": card.product.product_id})


def product_grid(cards: Sequence[Card], *, key: str, actions: CardActions = similar_button) -> None:
    """Draw the cards five across (two on a phone), each with its actions; `key` tells the grids of a page apart."""
    with st.container(key=f"cards_{key}"):
        for number, card in enumerate(cards):
            with st.container(key=f"card_{key}_{number}", gap="xsmall"):
                st.html(card_html(card))
                actions(card, f"{key}_{number}")


def without_tags(text: str) -> str:
    """Streamlit's sanitiser drops an attribute that holds a tag, even an escaped one, and with it the alt text."""
    return text.replace("<", " ").replace(">", " ")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    templates = FileSystemLoader(Path(__file__).with_name("templates"))
    return Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
