"""The poll: questions for anyone who has tried the search, and everybody's answers."""

import streamlit as st

from recsys.settings import load_settings
from recsys.survey.poll import Poll
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.shell.failures import failures_shown
from recsys.ui.shell.services import ballot_limit, database
from recsys.ui.survey.form import questionnaire
from recsys.ui.survey.results import survey_results
from recsys.ui.survey.tabs import survey_tabs

st.title(_("How do you like searching by photo?"), anchor=False)
st.caption(_("A few questions about searching by photo. They take about a minute."))

settings, records = load_settings(), database()

answering, results = survey_tabs()
with answering, failures_shown("questions"):
    questionnaire(Poll(records, settings.survey_mode, step=settings.survey_step, limit=ballot_limit()))
if results.open:
    with results, failures_shown("results"):
        survey_results(settings, records)
