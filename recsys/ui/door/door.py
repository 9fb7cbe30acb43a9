"""What every request passes before Streamlit sees it."""

import secrets
from collections.abc import Callable

from secure.middleware import SecureASGIMiddleware
from starlette.middleware import Middleware

from embeddings.errors import KalcareError
from recsys.settings import Settings
from recsys.ui.door.closed import Closed
from recsys.ui.door.cookie_secret import cookie_secret
from recsys.ui.door.headers import security_headers
from recsys.ui.door.hosts import KnownHosts, OwnOrigin, known_names
from recsys.ui.door.limits import Limits
from recsys.ui.door.visitors import VisitorCookie


def door(settings: Callable[[], Settings], *, base_path: str = "") -> list[Middleware]:
    """The middleware, in the order in which a request passes it."""
    fallback = secrets.token_urlsafe(32)
    try:
        hosts = settings().hosts
    except KalcareError:  # every page says so
        hosts = ""

    def secret() -> str:
        try:
            return cookie_secret(settings())
        except KalcareError:
            return fallback

    return [
        Middleware(SecureASGIMiddleware, secure=security_headers()),
        Middleware(KnownHosts, names=known_names(hosts)),
        Middleware(OwnOrigin),
        Middleware(Closed),
        Middleware(VisitorCookie, secret=secret, base_path=base_path),
        Middleware(Limits),
    ]
