"""What every request passes before Streamlit sees it."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from secure.middleware import SecureASGIMiddleware
from starlette.middleware import Middleware

from embeddings.errors import KalcareError
from recsys.access.sign_in import SignIn, sign_in_of
from recsys.settings import Settings
from recsys.ui.door.closed import Closed
from recsys.ui.door.cookie_secret import cookie_secret
from recsys.ui.door.headers import security_headers
from recsys.ui.door.hosts import KnownHosts, OwnOrigin, known_names
from recsys.ui.door.limits import Limits
from recsys.ui.door.page_messages import PageMessages
from recsys.ui.door.sign_in_routes import SignInRoutes
from recsys.ui.door.visitors import VisitorCookie


def door(settings: Callable[[], Settings], *, base_path: str = "") -> list[Middleware]:
    """The middleware, in the order in which a request passes through."""
    fallback = secrets.token_urlsafe(32)
    hosts, sign_in = "", None
    with suppress(KalcareError):  # every page reports it
        hosts = settings().hosts
        sign_in = sign_in_of(settings())

    def secret() -> str:
        try:
            return cookie_secret(settings())
        except KalcareError:
            return fallback

    return [
        Middleware(SecureASGIMiddleware, secure=security_headers()),
        Middleware(KnownHosts, names=known_names(hosts) + _names_of(sign_in)),
        Middleware(OwnOrigin),
        Middleware(Closed),
        Middleware(VisitorCookie, secret=secret, base_path=base_path),
        Middleware(SignInRoutes, is_set_up=sign_in is not None, base_path=base_path),
        Middleware(Limits),
        Middleware(PageMessages),
    ]


def _names_of(sign_in: SignIn | None) -> list[str]:
    """The host name that the provider sends people back to."""
    name = urlsplit(sign_in.address).hostname if sign_in else None
    return [name] if name else []
