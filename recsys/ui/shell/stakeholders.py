"""What only stakeholders may see: they type a key, where the settings have one."""

import hashlib
from hmac import compare_digest

import streamlit as st

from recsys.settings import Settings
from recsys.ui.i18n.translations import gettext as _

_TYPED, _KNOWN, _IS_WRONG = "stakeholder_typed", "stakeholder_known", "stakeholder_is_wrong"


def is_stakeholder(settings: Settings) -> bool:
    """Whether this visitor may see what is for stakeholders: everybody may where no key is set."""
    key = _digest_of_key(settings)
    return key is None or compare_digest(st.session_state.get(_KNOWN, b""), key)


def ask_for_key(settings: Settings, purpose: str) -> None:
    """Draw the question for the key, after a line that says what it opens; the page then runs again."""
    with st.form("stakeholder_form", border=False, clear_on_submit=True):
        st.write(purpose)
        st.text_input(_("Stakeholder key"), type="password", key=_TYPED, autocomplete="current-password")
        st.form_submit_button(_("Open"), icon=":material/key:", on_click=_try_key, args=(settings,))
    if st.session_state.get(_IS_WRONG):
        st.error(_("That is not the key. Ask whoever runs this app for it."), icon=":material/key_off:")


def _try_key(settings: Settings) -> None:
    typed = hashlib.sha256(str(st.session_state[_TYPED]).encode()).digest()
    key = _digest_of_key(settings)
    # Digests have one length, and compare_digest takes as long for a near miss as for a far one.
    is_right = key is not None and compare_digest(typed, key)
    st.session_state[_IS_WRONG] = not is_right
    if is_right:
        st.session_state[_KNOWN] = typed


def _digest_of_key(settings: Settings) -> bytes | None:
    key = settings.stakeholder_key.get_secret_value() if settings.stakeholder_key else ""
    return hashlib.sha256(key.encode()).digest() if key else None
