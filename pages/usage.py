"""For stakeholders: how people used the search, and how they rated its matches."""

import streamlit as st

from recsys.settings import load_settings
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.shell.services import database
from recsys.ui.shell.stakeholders import ask_for_key, is_stakeholder
from recsys.ui.usage.figures import usage_report

settings = load_settings()
st.title(_("How the search is used"), anchor=False)
if is_stakeholder(settings):
    usage_report(database())
else:
    ask_for_key(settings, _("Enter the stakeholder key to see how the search is used."))
