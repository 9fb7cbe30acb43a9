"""The app, for `streamlit run streamlit_app.py`: the router's pages, other routes, and the middleware."""

import streamlit as st

from recsys.operations.privacy import write_privately
from recsys.settings import load_settings
from recsys.ui.door.connection_limits import limit_connections
from recsys.ui.door.door import door
from recsys.ui.products.image_routes import picture_routes
from recsys.ui.shell.account import provider_secrets
from recsys.ui.shell.failures import apologise
from recsys.ui.shell.log import write_log
from recsys.ui.shell.moved import moved_page
from recsys.ui.shell.readiness import readiness_route
from recsys.ui.shell.services import warmed_up

write_privately()
write_log()
limit_connections()
base_path = st.get_option("server.baseUrlPath") or ""
app = st.App(
    "recsys/ui/shell/router.py",
    routes=[
        *picture_routes(lambda: load_settings().cache, base_path=base_path),
        readiness_route(base_path=base_path),
        moved_page("stakeholders", "usage", base_path=base_path),
    ],
    middleware=door(load_settings, base_path=base_path),
    lifespan=warmed_up,
    on_script_error=apologise,
    secrets=provider_secrets(load_settings),
)
