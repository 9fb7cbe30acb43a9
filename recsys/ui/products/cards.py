"""Product cards: HTML from templates that escape every text, in a grid that Streamlit keeps responsive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from statistics import fmean

import streamlit as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recsys.catalogue.products import Product
from recsys.search.likeness import COSINE_ITSELF, LikenessScale
from recsys.ui import PAGES
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import number_text, price_text
from recsys.ui.products.image_routes import picture_url

_CARD_HEIGHT = 440  # pixels, of a match


@dataclass(frozen=True)
class Card:
    """A product to show; a match also has a rank and a cosine similarity, which `scale` makes readable.

    Its word and bar show `shown_as`, or the similarity itself if that is None. `mark` is what is known about it beyond
    doubt, and `evidence` why; a match that `is_doubtful` is shown without words that praise it. `note` says what else
    to know about its picture.
    """

    product: Product
    rank: int | None = None
    similarity: float | None = None
    scale: LikenessScale = COSINE_ITSELF
    shown_as: float | None = None
    mark: str = ""
    evidence: str = ""
    is_doubtful: bool = False
    note: str = ""


def rendered(template: str, **values: object) -> str:
    """Render a template of `templates/`; every value is text and is escaped."""
    return _environment().get_template(template).render(values)


def card_html(card: Card, *, level: int = 3) -> str:
    """The card as HTML, with its name as a heading of the given level; the product's texts are escaped."""
    similarity = card.similarity
    shown_as = similarity if card.shown_as is None else card.shown_as
    return rendered(
        "card.html",
        level=level,
        product=card.product,
        name=card.product.name,
        title=without_tags(card.product.name),
        category=without_tags(card.product.category),
        price=price_text(card.product.price, card.product.currency),
        picture=picture_url(card.product.image_key),
        alt=_("Picture of {name}").format(name=without_tags(card.product.name)),
        rank=card.rank,
        likeness=None if shown_as is None else likeness_text(card.scale.level(shown_as)),
        cosine=None if similarity is None else number_text(similarity, digits=3),
        cosine_label=_("cosine"),
        mark=card.mark,
        evidence=card.evidence,
        is_doubtful=card.is_doubtful,
        note=card.note,
        percent=None if shown_as is None else round(100 * card.scale.share(shown_as), 1),
    )


def likeness_text(level: int) -> str:
    """A level of likeness in words, from 0 to 4."""
    return (
        _("Hardly similar"),
        _("Somewhat similar"),
        _("Similar"),
        _("Very similar"),
        _("Almost the same"),
    )[level]


def never_rising(cards: Sequence[Card]) -> list[Card]:
    """The cards with words and bars adjusted to their order: none says more than one above it.

    If one would, both are shown as their mean (pool adjacent violators, de Leeuw et al. 2009,
    doi:10.18637/jss.v032.i05). Cards that are marked, or say nothing about their picture, stay as they are.
    """
    places = [place for place, card in enumerate(cards) if card.similarity is not None and not card.mark]
    pools: list[list[float]] = []
    for place in places:
        pool = [float(cards[place].similarity or 0.0)]
        while pools and fmean(pools[-1]) < fmean(pool):
            pool = pools.pop() + pool
        pools.append(pool)
    shown = list(cards)
    means = [fmean(pool) for pool in pools for _ in pool]
    for place, mean in zip(places, means, strict=True):
        shown[place] = replace(cards[place], shown_as=mean)
    return shown


CardAction = Callable[[Card, str], None]
"""Draws one action for a card, below it; every widget's key ends in the given text."""


def similar_button(card: Card, key: str) -> None:
    """Draw the button on the search page that searches for products like this one."""
    if st.button(_("More like this"), icon=":material/image_search:", key=f"similar_{key}", width="stretch"):
        st.switch_page(PAGES / "search.py", query_params={"product": card.product.product_id})


def similar_link(card: Card, _key: str) -> None:
    """Draw the link from another page to the search for products like this one.

    It adds one entry to the browser's history; the button would add one for the page it is on, too.
    """
    st.page_link(
        PAGES / "search.py",
        label=_("More like this"),
        icon=":material/image_search:",
        width="stretch",
        query_params={"product": card.product.product_id},
    )


@st.fragment  # an action on a card redraws only the cards: no photo is encoded, nothing is compared
def product_grid(cards: Sequence[Card], *, key: str, actions: Sequence[CardAction], level: int = 3) -> None:
    """Draw the cards in rows (two in each on a phone), each with its actions; `key` distinguishes the grids of a page.

    `level` is the heading level of the names, one below the heading above the grid.
    """
    with st.container(key=f"cards_{key}"):
        for number, card in enumerate(cards):
            with st.container(key=f"card_{key}_{number}", gap="xsmall"):
                st.html(card_html(card, level=level))
                for draw in actions:
                    draw(card, f"{key}_{number}")


def blank_grid(count: int) -> None:
    """Draw placeholders where the cards will be."""
    with st.container(key="cards_blank"):
        for _place in range(count):
            st.skeleton(height=_CARD_HEIGHT)


def without_tags(text: str) -> str:
    """Remove tags: Streamlit's sanitiser drops an attribute that contains one, even escaped, such as alt text."""
    return text.replace("<", " ").replace(">", " ")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    templates = FileSystemLoader(Path(__file__).parents[1] / "templates")
    return Environment(
        loader=templates,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # otherwise each card checks whether its template has changed
    )
