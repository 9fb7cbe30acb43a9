"""Who has a page open, as the poll and the records identify people."""

import streamlit as st

from recsys.access.sign_in import sign_in_of
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.invitations import PARAMETER
from recsys.ui.door.cookie_secret import cookie_secret
from recsys.ui.door.visitors import COOKIE, INVITATION_COOKIE, NAME, valid, visitor_address
from recsys.ui.shell.account import person


def browser() -> str | None:
    """The name of the browser that has this page open; None if it stores no cookies."""
    return valid(NAME, st.context.cookies.get(COOKIE))


def respondent(settings: Settings) -> Respondent:
    """Who has this page open, and the invitation they followed.

    If people sign in, a person is the same in every browser, and nobody without signing in. Raises SettingsError.
    """
    if sign_in_of(settings):
        somebody = person(settings)
        visitor = somebody.pseudonym(cookie_secret(settings)) if somebody else None
    else:
        visitor = browser()
    followed = st.query_params.get(PARAMETER) or st.context.cookies.get(INVITATION_COOKIE)
    return Respondent(visitor, followed, visitor_address())
