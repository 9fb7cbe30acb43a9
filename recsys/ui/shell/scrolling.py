"""Scrolling to where the news is: Streamlit leaves the visitor where the click was."""

import streamlit as st

from recsys.ui.components import component


def scroll_on_change(to: str, *, of: object, phone_only: bool = False) -> None:
    """Scroll to the container with key `to` when `of` is not what it was when this was last called for `to`."""
    memory = f"{to}_scrolled_for"
    before = st.session_state.get(memory, of if not phone_only else None)
    st.session_state[memory] = of
    if before == of:
        return
    # The number makes it another time: the component does not scroll twice for the same one.
    number = st.session_state[f"{memory}_times"] = st.session_state.get(f"{memory}_times", 0) + 1
    component("scroll_to")(key=f"scroll_{to}", data={"number": number, "to": to, "phoneOnly": phone_only})
