"""The visitor's cookie: a random name for a browser, which says nothing of the person."""

import logging
import re
import secrets

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.errors import RecordsError, SettingsError
from recsys.feedback import record_search
from recsys.recommender import SearchResult
from recsys.ui.query_photos import QueryPhoto
from recsys.ui.services import database

COOKIE = "kalcare_visitor"
_NAME = re.compile(r"[A-Za-z0-9_-]{43}")
_YEAR = 365 * 24 * 3600
_RECORDED = "visitor_recorded_searches"
_log = logging.getLogger(__name__)


class VisitorCookie:
    """Middleware that sets the cookie with every page's HTML, below `base_path`."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        self._app = app
        self._path = f"/{base_path.strip('/')}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(request, message):
                MutableHeaders(scope=message).append("Set-Cookie", self._cookie(request))
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _cookie(self, request: HTTPConnection) -> str:
        name = _valid(request.cookies.get(COOKIE)) or secrets.token_urlsafe(32)
        secure = "; Secure" if _is_https(request) else ""
        return f"{COOKIE}={name}; Path={self._path}; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{secure}"


def visitor() -> str | None:
    """The name of the browser that has this page open; None where it keeps no cookies."""
    return _valid(st.context.cookies.get(COOKIE))


def note_search(photo: QueryPhoto, result: SearchResult) -> None:
    """Record a search that this visitor has made, once for a photo and a backbone; a failure is only logged."""
    name = visitor()
    made: set[tuple[str, str]] = st.session_state.setdefault(_RECORDED, set())
    search = (photo.digest, result.backbone.name)
    if name is None or search in made:
        return
    try:
        record_search(database(), name)
    except (RecordsError, SettingsError) as error:
        _log.warning("A search was not recorded. %s", error)
        return
    made.add(search)


def _is_page(request: HTTPConnection, response: Message) -> bool:
    """Whether the response is a page's HTML, or says that the browser has it already."""
    if response["status"] == 304:
        return "text/html" in request.headers.get("Accept", "")
    return MutableHeaders(scope=response).get("Content-Type", "").startswith("text/html")


def _is_https(request: HTTPConnection) -> bool:
    """Whether the browser came by https, perhaps to a web server in front of this one, which then says so."""
    forwarded = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip()
    return (forwarded or request.url.scheme) == "https"


def _valid(name: str | None) -> str | None:
    return name if name is not None and _NAME.fullmatch(name) else None
