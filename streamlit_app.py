"""The app, for `streamlit run streamlit_app.py`: the router's pages, and a route for the pictures."""

import streamlit as st

from recsys.settings import load_settings
from recsys.ui.failures import apologise
from recsys.ui.pictures import picture_routes
from recsys.ui.services import warmed_up

app = st.App(
    "recsys/ui/router.py",
    routes=picture_routes(lambda: load_settings().cache, base_path=st.get_option("server.baseUrlPath") or ""),
    lifespan=warmed_up,
    on_script_error=apologise,
)
