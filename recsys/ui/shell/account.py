"""Sign-in with accounts of the provider in the settings, if any: who has signed in, and what they may do."""

import hmac
import logging
import time
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit import config

from embeddings.errors import KalcareError
from recsys.access.roles import Role, role_of
from recsys.access.sign_in import Person, person_of, sign_in_of
from recsys.settings import Settings
from recsys.ui.door.cookie_secret import cookie_secret
from recsys.ui.door.sign_in_routes import SIGN_IN_FAILED
from recsys.ui.i18n.translations import gettext as _

_log = logging.getLogger(__name__)


def provider_secrets(load: Callable[[], Settings]) -> dict[str, Any]:
    """The secrets that `st.login` needs; empty without sign-in, or if its settings are incomplete.

    Streamlit signs its own cookies, including the session's, which holds a sign-in in progress, with one secret for all
    processes that serve this data home.
    """
    try:
        settings = load()
        sign_in = sign_in_of(settings)
    except KalcareError as error:  # every page reports it, and shows nothing else
        _log.error("Nobody comes in. %s", error)
        return {}
    if sign_in is None:
        return {}
    secret = hmac.new(cookie_secret(settings).encode(), b"sign-in", "sha256").hexdigest()
    config.set_option("server.cookieSecret", secret)
    return {
        "auth": {
            "redirect_uri": sign_in.redirect_uri,
            "cookie_secret": secret,
            "client_id": sign_in.client_id,
            "client_secret": sign_in.client_secret.get_secret_value(),
            "server_metadata_url": sign_in.metadata_url,
            "client_kwargs": {"scope": sign_in.scope},
        }
    }


def person(settings: Settings) -> Person | None:
    """The person who has signed in, if any. Raises SettingsError."""
    sign_in = sign_in_of(settings)
    claims = st.user.to_dict()
    return person_of(claims, sign_in, time.time()) if sign_in and claims.get("is_logged_in") else None


def has_role(settings: Settings, role: Role) -> bool:
    """Whether the visitor has signed in and has the role. Raises SettingsError."""
    somebody = person(settings)
    return ((somebody and role_of(somebody, settings)) or 0) >= role


def may_enter(settings: Settings) -> bool:
    """Whether the visitor may see the pages: everybody, if there is no sign-in. Raises SettingsError."""
    return sign_in_of(settings) is None or has_role(settings, Role.EMPLOYEE)


def entrance(settings: Settings) -> None:
    """Draw the page for people who have not signed in, or may not use the app. Raises SettingsError."""
    somebody = person(settings)
    with st.container(key="entrance"):
        if somebody is None:
            _ask_to_sign_in()
        else:
            _send_away(somebody)


def account_menu(settings: Settings) -> None:
    """Draw, in the top bar, who has signed in and the sign-out button."""
    somebody = person(settings)
    if somebody is None:
        return
    with (
        st.container(key="account"),
        st.popover(_("Account"), icon=":material/account_circle:", type="tertiary", key="account_menu"),
    ):
        st.caption(_("Signed in as"))
        st.text(somebody.email or _("an account without an e-mail address"))  # Markdown would make it a link
        _sign_out_button()


def _ask_to_sign_in() -> None:
    st.title(_("Sign in to search"), anchor=False)
    if st.query_params.get(SIGN_IN_FAILED):
        st.error(
            _("Signing in did not work. Try again; if it keeps failing, tell whoever runs this app."),
            icon=":material/no_accounts:",
        )
    st.markdown(_("This search is for the shop's staff. Sign in with your work account."))
    st.button(_("Sign in"), type="primary", icon=":material/login:", key="sign_in", on_click=_begin)


def _begin() -> None:
    st.query_params.pop(SIGN_IN_FAILED, None)
    st.login()


def _send_away(somebody: Person) -> None:
    st.title(_("This account cannot use the search"), anchor=False)
    if somebody.email:
        st.text(_("You are signed in as {email}.").format(email=somebody.email))
    else:
        st.text(_("You are signed in with an account whose e-mail address is not confirmed."))
    st.markdown(_("Sign out and choose another account, or ask whoever runs this app for access."))
    _sign_out_button()


def _sign_out_button() -> None:
    st.button(_("Sign out"), icon=":material/logout:", key="sign_out", on_click=st.logout)
