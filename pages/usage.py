"""For stakeholders: what people did with the search, and what they say of its matches."""

import streamlit as st

from recsys.feedback.usage_summary import read_searches, summarise_usage
from recsys.settings import load_settings
from recsys.ui.charts.period import choose_period
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.shell.services import database
from recsys.ui.shell.stakeholders import ask_for_key, is_stakeholder
from recsys.ui.usage.figures import usage_charts, usage_figures

settings = load_settings()
st.title(_("What people did"), anchor=False)
if not is_stakeholder(settings):
    ask_for_key(settings, _("With the stakeholder key you see how the search is used."))
    st.stop()

st.caption(
    _(
        "A search is kept with its day, its backbone, how the photo came, how long it took, the products that it found "
        "and what was said of them: never the photo or the words, never who searched, and not at what time."
    )
)
since, until = choose_period("stakeholders")
with database().reading() as session:
    usage = summarise_usage(read_searches(session, since, until))
if usage.all.num_searches:
    usage_figures(usage)
    usage_charts(usage)
else:
    st.info(_("Nobody has searched in these days."), icon=":material/info:")
