"""What Streamlit's widgets cannot do: small components of HTML, CSS and JavaScript, mounted unchanged."""

from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parent
_HIDDEN = ":host{display:none}"


@lru_cache(maxsize=8)
def component(name: str) -> ComponentRenderer:
    """The component of `<name>.html`, `<name>.css` and `<name>.js`, with the look that all of them share.

    A component with only a script shows nothing. These files contain nothing about a person or the shop; texts are
    data, which the script inserts as text.
    """
    js = _read(f"{name}.js")
    if not (_HERE / f"{name}.html").exists():
        return st.components.v2.component(f"kalcare_{name}", html="<span></span>", css=_HIDDEN, js=js)
    html, css = _read(f"{name}.html"), _read(f"{name}.css")
    return st.components.v2.component(f"kalcare_{name}", html=html, css=_read("controls.css") + css, js=js)


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
