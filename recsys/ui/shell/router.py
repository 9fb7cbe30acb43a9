"""The script that runs on every visit: it sets the frame and hands over to one of the registered pages.

The pages are given by absolute paths, because they are not next to this script.
"""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from embeddings.errors import KalcareError
from recsys.settings import load_settings
from recsys.ui import PAGES
from recsys.ui.i18n.language_picker import language_picker
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import settle_language
from recsys.ui.photo.photo_input import carried_product
from recsys.ui.shell.account import account_menu, entrance, may_enter
from recsys.ui.shell.failures import failures_shown
from recsys.ui.shell.first_start import demo_being_built, first_start
from recsys.ui.shell.stakeholders import open_notice, sees_usage
from recsys.ui.styles import styles_html

HERE = Path(__file__).parent

settle_language()
# A page's own icon would also be its favicon, which browsers fetch from the internet.
pages = {
    ":material/image_search:": st.Page(PAGES / "search.py", title=_("Search"), default=True),
    ":material/grid_view:": st.Page(PAGES / "catalogue.py", title=_("Catalogue")),
    ":material/compare:": st.Page(PAGES / "compare.py", title=_("Compare")),
    ":material/how_to_vote:": st.Page(PAGES / "survey.py", title=_("Poll")),
    ":material/monitoring:": st.Page(PAGES / "usage.py", title=_("Usage")),
}
page = st.navigation(list(pages.values()), position="hidden")
# People who have not signed in, or may not, get no part of a page, and none of its scripts runs.
is_let_in, links = False, dict(pages)
with suppress(KalcareError):  # reported below
    is_let_in = may_enter(load_settings())
    if not sees_usage(load_settings()):
        links.pop(":material/monitoring:")
title = page.title if is_let_in else _("Sign in")
st.set_page_config(page_title=f"{title} | Kalcare", page_icon=str(HERE / "icon.svg"), layout="wide")
st.html(styles_html())

# On a phone, Streamlit's own navigation is hidden in a drawer, which stays open over the page.
with st.container(key="top_bar", horizontal=True, vertical_alignment="center", wrap=False):
    st.image(HERE / "icon.svg", alt="Kalcare", width=32)
    for icon, link in links.items() if is_let_in else ():
        st.page_link(link, icon=icon, query_params=carried_product())
language_picker()

with failures_shown("page"):
    settings = load_settings()
    if is_let_in:
        account_menu(settings)
        open_notice(settings)
    if not is_let_in:
        entrance(settings)
    elif demo_being_built(settings):
        first_start(settings)
    else:
        page.run()
