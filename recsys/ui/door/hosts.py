"""Which requests are served: those to one of the app's names, and none from another origin's page in a browser."""

import logging
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_log = logging.getLogger(__name__)
_LOOPBACK = ("localhost", "*.localhost")


def known_names(more: str = "") -> list[str]:
    """Loopback's names, this machine's, and `more`, comma-separated; `*.` before a domain matches its subdomains."""
    machine = socket.gethostname().lower()
    named = [name.strip().lower() for name in more.split(",") if name.strip()]
    return [*_LOOPBACK, machine, f"{machine.partition('.')[0]}.local", *named]


class KnownHosts:
    """Middleware that refuses a `Host` that is not one of the app's names.

    A numeric address is accepted: a hostile page whose name resolves to this machine would still send its own name.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._by_name = TrustedHostMiddleware(app, names, www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        is_request = scope["type"] in ("http", "websocket")
        app = self._by_name if is_request and not _is_address(Headers(scope=scope).get("host", "")) else self._app
        await app(scope, receive, send)


class OwnOrigin:
    """Middleware that refuses requests from pages of another origin, before anything else sees them.

    Streamlit would first look up its own public address while everybody waits. A request without `Origin` is not from a
    page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and _host_of(origin) != headers.get("host", "").lower():
                _log.warning("Refused a request from the origin %.100r.", origin)
                await Response(status_code=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _host_of(origin: str) -> str | None:
    """The host and port of an origin, in the form of `Host`; None if it is no origin."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _is_address(host: str) -> bool:
    try:
        ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
    return True
