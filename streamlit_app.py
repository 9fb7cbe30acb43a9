"""The app, for `streamlit run streamlit_app.py`: the router's pages, a route for the pictures, the visitors' cookie."""

import streamlit as st
from starlette.middleware import Middleware

from recsys.settings import load_settings
from recsys.ui.products.image_routes import picture_routes
from recsys.ui.shell.failures import apologise
from recsys.ui.shell.readiness import readiness_route
from recsys.ui.shell.services import warmed_up
from recsys.ui.shell.visitors import VisitorCookie

base_path = st.get_option("server.baseUrlPath") or ""
app = st.App(
    "recsys/ui/shell/router.py",
    routes=[*picture_routes(lambda: load_settings().cache, base_path=base_path), readiness_route(base_path=base_path)],
    middleware=[Middleware(VisitorCookie, base_path=base_path)],
    lifespan=warmed_up,
    on_script_error=apologise,
)
