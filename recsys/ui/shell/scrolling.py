"""Scrolling to what is new: Streamlit leaves the visitor where they clicked."""

import streamlit as st

from recsys.ui.components import component


def scroll_on_change(to: str, *, of: object, phone_only: bool = False) -> None:
    """Scroll to the container with key `to` if `of` has changed since the last call for `to`."""
    memory = f"{to}_scrolled_for"
    before = st.session_state.get(memory, of if not phone_only else None)
    st.session_state[memory] = of
    if before == of:
        return
    # The number makes each request unique: the component ignores one it has seen.
    number = st.session_state[f"{memory}_times"] = st.session_state.get(f"{memory}_times", 0) + 1
    component("scroll_to")(key=f"scroll_{to}", data={"number": number, "to": to, "phoneOnly": phone_only})
