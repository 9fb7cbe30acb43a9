"""Scrolling to where the news is: Streamlit leaves the visitor where the click was."""

from pathlib import Path
from string import Template

import streamlit as st

_PHONE = "window.innerWidth <= 640"

_SCRIPT = Template((Path(__file__).parents[1] / "components" / "scroll_to.js").read_text(encoding="utf-8"))


def scroll_on_change(to: str, *, of: object, phone_only: bool = False) -> None:
    """Scroll to the container with key `to` when `of` is not what it was when this was last called for `to`."""
    memory = f"{to}_scrolled_for"
    before = st.session_state.get(memory, of if not phone_only else None)
    st.session_state[memory] = of
    if before == of:
        return
    # The number makes it another script each time: the same one would not run again.
    number = st.session_state[f"{memory}_times"] = st.session_state.get(f"{memory}_times", 0) + 1
    values = {"number": number, "to": to, "condition": _PHONE if phone_only else "true"}
    st.html(f"<script>{_SCRIPT.substitute(values)}</script>", unsafe_allow_javascript=True)
