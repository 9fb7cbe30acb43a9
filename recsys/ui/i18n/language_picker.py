"""The choice of the language, in the top bar: for this visit, and in a cookie for later ones.

It is not part of the address: a link sent to a colleague opens in the colleague's language.
"""

import streamlit as st
from babel import Locale

from recsys.ui.components import component
from recsys.ui.i18n.translations import CHOICE, LANGUAGE_COOKIE, language, languages
from recsys.ui.i18n.translations import gettext as _

_MENU = "language_menu"
_A_YEAR = 365 * 24 * 60 * 60


def language_picker() -> None:
    """Draw the picker, and tell the browser the page's language, which it needs for reading aloud."""
    code, label = language(), _("Language")
    with st.container(key="language"):
        st.menu_button(
            f"{label}: **{code.upper()}**",  # the style shows the code only
            languages(),
            format_func=_own_name,
            icon=":material/language:",
            key=_MENU,
            type="tertiary",
            on_click=_choose,
        )
        component("page_language")(key="page_language", data={"language": code, "cookie": _cookie(code)})


def _choose() -> None:
    st.session_state[CHOICE] = st.session_state[_MENU]


def _own_name(code: str) -> str:
    """The language's name in that language."""
    return str(Locale.parse(code).get_display_name(code)).capitalize()


def _cookie(code: str) -> str:
    """The cookie that stores a chosen language; a default is not stored, since it may change with the browser."""
    return f"{LANGUAGE_COOKIE}={code}; path=/; max-age={_A_YEAR}; samesite=lax" if CHOICE in st.session_state else ""
