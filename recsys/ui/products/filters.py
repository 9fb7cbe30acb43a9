"""The widgets that filter products, shared by the catalogue and the search."""

from collections.abc import Sequence
from zlib import crc32

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import price_text
from recsys.ui.products.browsing import FilterChoices, Filters


def filter_panel(choices: FilterChoices, *, key: str) -> Filters:
    """Draw the filters collapsed, with the number set and a button to remove them all."""
    count = _num_set(choices, key)
    label = _("Filters ({number})").format(number=count) if count else _("Filters")
    with st.expander(label, icon=":material/tune:", key=f"{key}_filters"):
        filters = filter_row(choices, [st.container()] * 3, key=key)
        if count:
            remove_button(key=key, name="filters_removed")
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
    return Filters(tuple(categories), tuple(brands), _price_range(choices, places[2], key))


def _price_range(choices: FilterChoices, place: DeltaGenerator, key: str) -> tuple[float, float] | None:
    """Draw the slider, if prices can be compared; None for the whole range."""
    steps = choices.price_steps
    if not steps:
        return None
    texts = {step: price_text(step, choices.currency) for step in steps}
    # Other texts, or the removal of all filters, make another slider, which starts where the visitor's choice is now.
    slider = f"{key}_price_{crc32(repr(texts).encode())}_{st.session_state.get(f'{key}_removals', 0)}"
    place.select_slider(
        _("Price"),
        steps,
        choices.enclosing_prices(*_chosen_prices(key)),
        format_func=texts.__getitem__,
        key=slider,
        on_change=lambda: _choose_prices(steps, slider, key),
    )
    return _price_set(choices, key)


def _choose_prices(steps: Sequence[float], slider: str, key: str) -> None:
    low, high = st.session_state[slider]
    st.session_state[f"{key}_price"] = (None if low == steps[0] else low, None if high == steps[-1] else high)


def _chosen_prices(key: str) -> tuple[float | None, float | None]:
    """The prices chosen; None for an end of the range, wherever the catalogue's prices end."""
    chosen: tuple[float | None, float | None] = st.session_state.get(f"{key}_price", (None, None))
    return chosen


def _price_set(choices: FilterChoices, key: str) -> tuple[float, float] | None:
    """The prices chosen, as near as the catalogue's steps allow; None for the whole range."""
    steps = choices.price_steps
    prices = choices.enclosing_prices(*_chosen_prices(key)) if steps else None
    return None if prices is None or prices == (steps[0], steps[-1]) else prices


def remove_button(*, key: str, name: str) -> None:
    """Draw the button that removes all filters of `key`."""
    st.button(_("Remove all filters"), key=f"{key}_{name}", on_click=_remove_filters, args=(key,))


def _remove_filters(key: str) -> None:
    # Set, not deleted: for a widget without a value here, the browser would keep its last one.
    st.session_state[f"{key}_categories"] = st.session_state[f"{key}_brands"] = []
    st.session_state.pop(f"{key}_price", None)
    st.session_state[f"{key}_removals"] = st.session_state.get(f"{key}_removals", 0) + 1


def _num_set(choices: FilterChoices, key: str) -> int:
    """The number of filters set, before they are drawn."""
    lists = (st.session_state.get(f"{key}_{name}") for name in ("categories", "brands"))
    return sum(map(bool, (*lists, _price_set(choices, key))))
