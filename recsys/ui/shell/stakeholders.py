"""What only stakeholders and administrators may do: by role if people sign in, otherwise with a key."""

import hashlib
import logging
from hmac import compare_digest

import streamlit as st

from recsys.access.roles import Role
from recsys.access.sign_in import sign_in_of
from recsys.rate_limit import RateLimit
from recsys.settings import Settings
from recsys.ui.door.visitors import visitor_address
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.shell.account import has_role

_TYPED, _KNOWN, _REFUSAL = "stakeholder_typed", "stakeholder_known", "stakeholder_refusal"
_ALL = ""
_log = logging.getLogger(__name__)


def is_stakeholder(settings: Settings) -> bool:
    """Whether this visitor may see what is for stakeholders. Raises SettingsError."""
    return _may(settings, Role.STAKEHOLDER)


def sees_usage(settings: Settings) -> bool:
    """Whether the page Usage is in the menu: for everybody without sign-in, since the key is entered there."""
    return sign_in_of(settings) is None or is_stakeholder(settings)


def is_administrator(settings: Settings) -> bool:
    """Whether this visitor may start and stop jobs. Raises SettingsError."""
    return _may(settings, Role.ADMINISTRATOR)


def _may(settings: Settings, role: Role) -> bool:
    """By role, if the settings have sign-in; otherwise the key unlocks everything, and without a key all is open."""
    if sign_in_of(settings):
        return has_role(settings, role)
    key = _digest_of_key(settings)
    return key is None or compare_digest(st.session_state.get(_KNOWN, b""), key)


def how_to_become_administrator(settings: Settings) -> str:
    """Who can prepare a backbone, as a sentence for everybody who cannot."""
    if sign_in_of(settings):
        return _("Only administrators of this app can prepare it.")
    return _("To prepare it, enter the key on the Usage page, or ask whoever runs this app.")


def is_open(settings: Settings) -> bool:
    """Whether other people can reach the app, and everything in it is open to them."""
    return settings.served and sign_in_of(settings) is None and _digest_of_key(settings) is None


def open_notice(settings: Settings) -> None:
    """Say on the page what everybody can use."""
    if is_open(settings):
        st.caption(_("No key is set: everybody who opens this page can read remarks, download answers and start jobs."))


def warn_if_open(settings: Settings) -> None:
    """Log a warning about what everybody can use."""
    if is_open(settings):
        _log.warning(
            "Expected RECSYS_STAKEHOLDER_KEY or sign-in, got none: everybody sees remarks, downloads, usage and jobs."
        )


def ask_for_key(settings: Settings, purpose: str) -> None:
    """Draw the question for the key, after a line that says what it unlocks; then rerun the page.

    If people sign in, no key unlocks anything: only their account does.
    """
    if sign_in_of(settings):
        st.info(_("Your account doesn't have access. Ask whoever runs this app."), icon=":material/lock:")
        return
    with st.form("stakeholder_form", border=False, clear_on_submit=True):
        st.write(purpose)
        st.text_input(_("Stakeholder key"), type="password", key=_TYPED, autocomplete="current-password")
        st.form_submit_button(_("Open"), icon=":material/key:", on_click=_try_key, args=(settings,))
    refusal = st.session_state.get(_REFUSAL)
    if refusal == "wrong":
        st.error(_("That isn't the right key. Ask whoever runs this app for it."), icon=":material/key_off:")
    elif refusal == "often":
        st.error(_("Too many wrong keys were tried. Wait a minute, then try again."), icon=":material/timer:")


def _try_key(settings: Settings) -> None:
    address = visitor_address()
    of_one, of_all = _wrong_tries()
    if not (of_one.has_room(address) and of_all.has_room(_ALL)):
        _log.warning("Expected at most 5 wrong stakeholder keys a minute, got more, the last from %s.", address)
        st.session_state[_REFUSAL] = "often"
        return
    typed = hashlib.sha256(str(st.session_state[_TYPED]).encode()).digest()
    key = _digest_of_key(settings)
    # Digests have the same length, and compare_digest takes as long for a near miss as for a far one.
    if key is not None and compare_digest(typed, key):
        st.session_state[_KNOWN], st.session_state[_REFUSAL] = typed, None
        return
    of_one.take(address)
    of_all.take(_ALL)
    _log.warning("Expected the stakeholder key, got another, from %s.", address)
    st.session_state[_REFUSAL] = "wrong"


@st.cache_resource(show_spinner=False)
def _wrong_tries() -> tuple[RateLimit, RateLimit]:
    """The wrong keys of the last minute: per address, and in total."""
    return RateLimit(5, 60), RateLimit(30, 60)


def _digest_of_key(settings: Settings) -> bytes | None:
    key = settings.stakeholder_key.get_secret_value() if settings.stakeholder_key else ""
    return hashlib.sha256(key.encode()).digest() if key else None
