"""The script that every visit runs: it sets the frame and hands over to one of the registered pages.

The pages are named by absolute paths, because this script does not lie beside them.
"""

from pathlib import Path

import streamlit as st

from recsys.ui.translations import gettext as _

HERE = Path(__file__).parent
PAGES = HERE.parents[1] / "pages"

pages = [
    st.Page(PAGES / "search.py", title=_("Search by photo"), icon=":material/image_search:", default=True),
    st.Page(PAGES / "catalogue.py", title=_("Catalogue"), icon=":material/grid_view:"),
]
page = st.navigation(pages, position="hidden")
st.set_page_config(page_title=f"{page.title} | Kalcare", page_icon=str(HERE / "icon.svg"), layout="wide")
st.html(HERE / "styles.css")

# Streamlit's own navigation hides in a drawer on a phone, and the drawer stays open over the page.
with st.container(key="top_bar", horizontal=True, vertical_alignment="center", wrap=False):
    st.image(HERE / "icon.svg", alt="Kalcare", width=32)
    for link in pages:
        st.page_link(link)

page.run()
