"""Scrolling to where the news is: Streamlit leaves the visitor where the click was."""

import streamlit as st

_PHONE = "window.innerWidth <= 640"


def scroll_on_change(to: str, *, of: object, phone_only: bool = False) -> None:
    """Scroll to the container with key `to` when `of` is not what it was when this was last called for `to`."""
    memory = f"{to}_scrolled_for"
    before = st.session_state.get(memory, of if not phone_only else None)
    st.session_state[memory] = of
    if before == of:
        return
    condition = _PHONE if phone_only else "true"
    # The number makes it another script each time: the same one would not run again. The delay is for
    # Streamlit, which scrolls to the top itself when the page was switched.
    number = st.session_state[f"{memory}_times"] = st.session_state.get(f"{memory}_times", 0) + 1
    st.html(
        f"<script>/* {number} */ if ({condition}) setTimeout(() => "
        f"document.querySelector('.st-key-{to}')?.scrollIntoView({{block: 'start'}}), 100)</script>",
        unsafe_allow_javascript=True,
    )
