"""The search by words: its box, its results, and whether a photo is compared with these results only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter

import streamlit as st

from recsys.catalogue.products import Product
from recsys.feedback.recording import Search
from recsys.feedback.sources import Source
from recsys.num_matches import NUM_MATCHES
from recsys.search.text_search import MAX_CHARACTERS, TextMatches, TextSearch
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext
from recsys.ui.products.browsing import Filters
from recsys.ui.products.cards import Card, product_grid, similar_button
from recsys.ui.products.filters import remove_button
from recsys.ui.results.feedback import shown_search
from recsys.ui.shell.scrolling import scroll_on_change

_FIRST, _MORE = 10, 20
NUM_RATED = NUM_MATCHES  # as many as a photo's matches, so that both kinds of search are judged alike


@dataclass(frozen=True)
class WordSearch:
    """Words with the products they found among `num_products`, and how many milliseconds that took."""

    words: str
    found: TextMatches
    search_ms: float
    num_products: int


def words_box(*, key: str, on_change: Callable[[], None] | None = None) -> str:
    """Draw the box; return its text."""
    typed = st.text_input(
        _("Search by words"),
        key=f"{key}_words",
        type="search",
        placeholder=_("Name, brand, flavour…"),
        on_change=on_change,
        persist_state="session",
    )
    return (typed or "").strip()[:MAX_CHARACTERS]  # the session remembers its searches


def found_by_words(search: TextSearch, words: str) -> WordSearch | None:
    """Search for the words; None if there are none."""
    if not words:
        return None
    started = perf_counter()
    found = search.find(words)
    return WordSearch(words, found, (perf_counter() - started) * 1000, len(search))


def within_words_box(search: WordSearch | None) -> bool:
    """Ask whether to compare the photo only with what the words found; False if they found nothing."""
    if search is None or not search.found.products:
        return False
    label = _("Only within the results for “{words}”").format(words=escape(search.words))
    return st.checkbox(label, key="search_within_words", persist_state="session")


def products_to_compare(
    products: Sequence[Product], filters: Filters, search: WordSearch | None
) -> frozenset[str] | None:
    """The ids of the products that pass the filters and any search by words; None for all."""
    if not filters.count and search is None:
        return None
    return frozenset(one.product_id for one in filters.of(products if search is None else search.found.products))


def word_results(search: WordSearch, filters: Filters, *, key: str, says_what_is_kept: bool) -> None:
    """Draw what the words found and the filters let pass, and how the words were understood."""
    products = filters.of(search.found.products)
    _draw_head(search, products, key)
    scroll_on_change(f"{key}_found", of=search.words, phone_only=True)
    if not products:
        return
    memory = f"{key}_found_shown"
    words, count = st.session_state.get(memory, ("", 0))
    count = count if words == search.words else _FIRST
    ids = tuple(product.product_id for product in products[:NUM_RATED])
    made = Search(date.today(), Source.TEXT, ids, search.search_ms)
    shown = shown_search(made, search.words, num_products=search.num_products, comes_back=False)

    def marks_of_the_first(card: Card, card_key: str) -> None:
        if card.rank and card.rank <= NUM_RATED:
            shown.marks_buttons(card, card_key)

    cards = [Card(product, rank) for rank, product in enumerate(products[:count], start=1)]
    product_grid(cards, key="words", actions=[marks_of_the_first, similar_button])
    if len(products) > count and st.button(_("Show more"), key=f"{key}_found_more", icon=":material/expand_more:"):
        st.session_state[memory] = (search.words, count + _MORE)
        st.rerun()
    shown.record(says_so=says_what_is_kept)


def _draw_head(search: WordSearch, products: Sequence[Product], key: str) -> None:
    count = ngettext("{number} product", "{number} products", len(products))
    with st.container(key=f"{key}_found", gap="xsmall"):
        st.header(_("{products} for “{words}”").format(products=count, words=escape(search.words)), anchor=False)
        for line in reading_lines(search.found):
            st.caption(escape(line))
        if not search.found.products:
            st.caption(_("Try fewer or different words, or search by photo."))
        elif not products:
            st.caption(_("None of the products with these words match the filters."))
            remove_button(key=key, name="found_unfiltered")


def reading_lines(found: TextMatches) -> list[str]:
    """How the words were understood, if differently from how they were typed."""
    lines = [
        _("Showing results for “{meant}” instead of “{typed}”.").format(typed=typed, meant=meant)
        for typed, meant in found.corrections
    ]
    if found.unknown:
        lines.append(_("Not found in any product: {words}.").format(words=", ".join(found.unknown)))
    if not found.all_words:
        lines.append(_("No product contains all of these words. These contain most of them."))
    return lines
