"""The widgets that filter products, shared by the catalogue and the search."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import price_text
from recsys.ui.products.browsing import FilterChoices, Filters

_NAMES = ("categories", "brands", "price")


def filter_panel(choices: FilterChoices, *, key: str) -> Filters:
    """Draw the filters collapsed, with the number set and a button to remove them all."""
    count = _num_set(choices, key)
    label = _("Filters ({number})").format(number=count) if count else _("Filters")
    with st.expander(label, icon=":material/tune:", key=f"{key}_filters"):
        filters = filter_row(choices, [st.container()] * len(_NAMES), key=key)
        if count:
            remove_button(choices, key=key, name="filters_removed")
    return filters


def filter_row(choices: FilterChoices, places: Sequence[DeltaGenerator], *, key: str) -> Filters:
    """Draw a filter into each of the three places: category, brand and, if prices can be compared, price."""
    categories = places[0].multiselect(
        _("Category"),
        choices.categories,
        key=f"{key}_categories",
        placeholder=_("All categories"),
        persist_state="session",
    )
    brands = places[1].multiselect(
        _("Brand"),
        choices.brands(categories),
        key=f"{key}_brands",
        placeholder=_("All brands"),
        persist_state="session",
    )
    steps = choices.price_steps
    if not steps:
        return Filters(tuple(categories), tuple(brands))
    low, high = places[2].select_slider(
        _("Price"),
        steps,
        (steps[0], steps[-1]),
        format_func=lambda price: price_text(price, choices.currency),
        key=f"{key}_price",
        persist_state="session",
    )
    return Filters(tuple(categories), tuple(brands), None if (low, high) == (steps[0], steps[-1]) else (low, high))


def remove_button(choices: FilterChoices, *, key: str, name: str) -> None:
    """Draw the button that removes all filters of `key`."""
    st.button(_("Remove all filters"), key=f"{key}_{name}", on_click=_remove_filters, args=(choices, key))


def _remove_filters(choices: FilterChoices, key: str) -> None:
    # Set, not deleted: for a widget without a value here, the browser would keep its last one.
    st.session_state[f"{key}_categories"] = st.session_state[f"{key}_brands"] = []
    if steps := choices.price_steps:
        st.session_state[f"{key}_price"] = (steps[0], steps[-1])


def _num_set(choices: FilterChoices, key: str) -> int:
    """The number of filters set, before they are drawn."""
    categories, brands, price = (st.session_state.get(f"{key}_{name}") for name in _NAMES)
    steps = choices.price_steps
    return bool(categories) + bool(brands) + (price is not None and tuple(price) != (steps[0], steps[-1]))
