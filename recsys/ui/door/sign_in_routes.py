"""The routes of sign-in: for the app's own pages only, rate-limited, and without a blank page on failure."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.rate_limit import RateLimit
from recsys.ui.door.visitors import COOKIE, is_https

SIGN_IN_FAILED = "sign_in_failed"
"""The address parameter that says that signing in failed."""

_LOGIN, _LOGOUT, _CALLBACK = "/auth/login", "/auth/logout", "/oauth2callback"
_ACCOUNT = "_streamlit_user="


class SignInRoutes:
    """Middleware that guards Streamlit's sign-in routes, below `base_path`.

    Without sign-in they are closed. A page of another site can start neither a sign-in nor a sign-out. Each sign-in
    makes a request to the provider, so sign-ins are limited: by the browser's cookie, or else by the address, which may
    be a whole office's. If one fails, the browser is sent back to the page, which says so. If the browser came by
    https, Streamlit's cookies get the Secure flag.
    """

    def __init__(self, app: ASGIApp, *, is_set_up: bool, base_path: str = "") -> None:
        self._app = app
        self._is_set_up = is_set_up
        self._prefix = f"/{base_path.strip('/')}".rstrip("/")
        self._by_browser, self._by_address = RateLimit(30, 60), RateLimit(300, 60)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        path = scope["path"].removeprefix(self._prefix) if scope["type"] == "http" else ""
        if path not in (_LOGIN, _LOGOUT, _CALLBACK):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        refusal = self._refusal(request, path)
        if refusal:
            await Response(status_code=refusal)(scope, receive, send)
            return
        await self._app(scope, receive, self._answering(request, path, send))

    def _refusal(self, request: HTTPConnection, path: str) -> int | None:
        if not self._is_set_up:
            return 404
        if path != _CALLBACK and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            return 403
        return None if self._is_within_limits(request) else 429

    def _is_within_limits(self, request: HTTPConnection) -> bool:
        if cookie := request.cookies.get(COOKIE):
            return self._by_browser.take(cookie)
        return self._by_address.take(request.client.host if request.client else "")

    def _answering(self, request: HTTPConnection, path: str, send: Send) -> Send:
        """`send`, with a redirect to the page in place of a failure."""
        has_failed = False

        async def answer(message: Message) -> None:
            nonlocal has_failed
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                has_failed = message["status"] >= 400 or (path == _CALLBACK and _is_unanswered(request, headers))
                if has_failed:
                    message["status"] = 302
                    headers["Location"], headers["Content-Length"] = f"{self._prefix}/?{SIGN_IN_FAILED}=1", "0"
                if is_https(request):
                    _keep_to_https(headers)
            elif has_failed:
                message = {**message, "body": b""}
            await send(message)

        return answer


def _is_unanswered(request: HTTPConnection, headers: MutableHeaders) -> bool:
    """Whether the provider sent somebody back without that having signed them in."""
    cookies = headers.getlist("Set-Cookie")
    is_signed_in = any(cookie.startswith(_ACCOUNT) and not cookie.startswith(f'{_ACCOUNT}"') for cookie in cookies)
    return not is_signed_in and not request.query_params.keys().isdisjoint(("code", "error"))


def _keep_to_https(headers: MutableHeaders) -> None:
    cookies = headers.getlist("Set-Cookie")
    del headers["Set-Cookie"]
    for cookie in cookies:
        headers.append("Set-Cookie", cookie if "; secure" in cookie.lower() else f"{cookie}; Secure")
