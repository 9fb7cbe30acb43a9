"""What Streamlit's widgets cannot do: small components of HTML, CSS and JavaScript, mounted as they are."""

from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parent


@lru_cache(maxsize=8)
def component(name: str) -> ComponentRenderer:
    """The component of `<name>.html`, `<name>.css` and `<name>.js`, in the look that all of them share.

    Nothing of a person's or the shop's goes into these files; texts are data, which the script puts in as text.
    """
    html, css, js = (_read(f"{name}.{kind}") for kind in ("html", "css", "js"))
    return st.components.v2.component(f"kalcare_{name}", html=html, css=_read("controls.css") + css, js=js)


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
