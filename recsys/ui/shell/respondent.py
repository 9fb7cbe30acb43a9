"""Who has a page open, as the poll and the records know people."""

import streamlit as st

from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.invitations import PARAMETER
from recsys.ui.door.cookie_secret import cookie_secret
from recsys.ui.door.visitors import COOKIE, INVITATION_COOKIE, NAME, valid
from recsys.ui.shell.sign_in import person


def browser() -> str | None:
    """The name of the browser that has this page open, unless it keeps no cookies."""
    return valid(NAME, st.context.cookies.get(COOKIE))


def respondent(settings: Settings) -> Respondent:
    """Who has this page open, and the invitation that was followed.

    Whoever has signed in is the same person in every browser; where nobody does, a browser is a person.
    Raises SettingsError.
    """
    somebody = person(settings)
    visitor = somebody.pseudonym(cookie_secret(settings)) if somebody else browser()
    return Respondent(visitor, st.query_params.get(PARAMETER) or st.context.cookies.get(INVITATION_COOKIE))
