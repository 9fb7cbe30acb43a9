"""The script that every visit runs: it sets the frame and hands over to one of the registered pages.

The pages are named by absolute paths, because this script does not lie beside them.
"""

from pathlib import Path

import streamlit as st

from recsys.ui.translations import gettext as _

HERE = Path(__file__).parent
PAGES = HERE.parents[1] / "pages"

st.set_page_config(page_title="Kalcare", page_icon=str(HERE / "icon.svg"), layout="wide")
st.html(HERE / "styles.css")

page = st.navigation(
    [
        st.Page(PAGES / "search.py", title=_("Search by photo"), icon=":material/image_search:", default=True),
        st.Page(PAGES / "catalogue.py", title=_("Catalogue"), icon=":material/grid_view:"),
    ],
    position="top",
)
page.run()
