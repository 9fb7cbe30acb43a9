"""The visitor's cookie: a random name for a browser, which says nothing about the person."""

import hashlib
import re
import secrets
from collections.abc import Callable

import streamlit as st
from itsdangerous import BadSignature, Signer
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.survey.invitations import PARAMETER

COOKIE, INVITATION_COOKIE = "kalcare_visitor", "kalcare_invitation"
NAME = re.compile(r"[A-Za-z0-9_-]{43}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_YEAR = 365 * 24 * 3600


class VisitorCookie:
    """Middleware that sets the cookie with every page's HTML, below `base_path`, signed with `secret()`.

    A correctly signed cookie is passed on as the bare name; any other is removed, so made-up names do not count. A
    browser that follows an invitation gets a cookie as well: its owner may search first, or come back later.
    """

    def __init__(self, app: ASGIApp, secret: Callable[[], str], base_path: str = "") -> None:
        self._app = app
        self._secret = secret
        self._path = f"/{base_path.strip('/')}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        signer = Signer(self._secret(), salt=COOKIE, digest_method=hashlib.sha256)
        name = _signed_name(signer, request.cookies.get(COOKIE))
        scope = _with_cookie(scope, name)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(request, message):
                headers = MutableHeaders(scope=message)
                signed = signer.sign(name or secrets.token_urlsafe(32)).decode()
                headers.append("Set-Cookie", self._cookie(request, COOKIE, signed))
                if token := valid(_TOKEN, request.query_params.get(PARAMETER)):
                    headers.append("Set-Cookie", self._cookie(request, INVITATION_COOKIE, token))
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _cookie(self, request: HTTPConnection, cookie: str, value: str) -> str:
        secure = "; Secure" if is_https(request) else ""
        return f"{cookie}={value}; Path={self._path}; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{secure}"


def visitor_address() -> str:
    """The address that requested this page."""
    return st.context.ip_address or "loopback"


def _is_page(request: HTTPConnection, response: Message) -> bool:
    """Whether the response is a page's HTML, or says that the browser has it already."""
    if response["status"] == 304:
        return "text/html" in request.headers.get("Accept", "")
    return MutableHeaders(scope=response).get("Content-Type", "").startswith("text/html")


def is_https(request: HTTPConnection) -> bool:
    """Whether the browser came by https, perhaps to a web server in front of this one, which then says so."""
    forwarded = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip()
    return (forwarded or request.url.scheme) == "https"


def _signed_name(signer: Signer, cookie: str | None) -> str | None:
    """The name in the cookie, if the signature is ours."""
    try:
        return valid(NAME, signer.unsign(cookie or "").decode())
    except (BadSignature, UnicodeError):
        return None


def _with_cookie(scope: Scope, name: str | None) -> Scope:
    """The request with the visitor's bare name in place of the signed one, or without a name.

    Other cookies stay exactly as sent, quoted and escaped: parsed and written again, one could turn into two.
    """
    headers = [pair for pair in scope["headers"] if pair[0] != b"cookie"]
    sent = ";".join(value.decode("latin-1") for key, value in scope["headers"] if key == b"cookie")
    kept = [cookie.strip() for cookie in sent.split(";") if cookie.partition("=")[0].strip() != COOKIE]
    cookies = "; ".join(filter(None, [*kept, f"{COOKIE}={name}" if name else ""]))
    if cookies:
        headers.append((b"cookie", cookies.encode("latin-1")))
    return {**scope, "headers": headers}


def valid(form: re.Pattern[str], value: str | None) -> str | None:
    """The value, if it has the form."""
    return value if value is not None and form.fullmatch(value) else None
