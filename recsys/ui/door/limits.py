"""How much of the app one browser, and all together, may use: sessions, how fast they start, and their messages."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.rate_limit import RateLimit
from recsys.ui.door.visitors import COOKIE

_ALL = ""


@dataclass(frozen=True)
class SessionLimit:
    """How many sessions one visitor may have open at once, and start in a minute."""

    sessions: int
    begun_per_minute: int


@dataclass(frozen=True)
class Allowance:
    """How many sessions may be open in total, a browser's and an address' share, and how many messages each may send.

    An address may be a whole office's, behind a router, so its share is larger. But it is limited, too: anyone who
    requests a page gets a cookie, and could pretend to be any number of browsers.
    """

    sessions: int = 300
    browser: SessionLimit = SessionLimit(sessions=20, begun_per_minute=120)
    address: SessionLimit = SessionLimit(sessions=200, begun_per_minute=600)
    messages_per_second: float = 20.0
    burst: int = 60


class Limits:
    """Middleware that refuses sessions beyond the allowance, and limits how fast a session's messages are read.

    A browser is identified by its signed cookie, checked by an earlier middleware.
    """

    def __init__(self, app: ASGIApp, allowance: Allowance | None = None) -> None:
        self._app = app
        self._allowance = allowance or Allowance()
        self._open: Counter[str] = Counter()
        self._begun = {
            share: RateLimit(share.begun_per_minute, 60) for share in (self._allowance.browser, self._allowance.address)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        names = self._names(scope)
        if self._is_over(names):
            await Response(status_code=503)(scope, receive, send)
            return
        self._open.update([_ALL, *names])
        try:
            await self._app(scope, _paced(receive, self._allowance), send)
        finally:
            self._open.subtract([_ALL, *names])
            self._open += Counter()  # keeps only counts above 0

    def _names(self, scope: Scope) -> dict[str, SessionLimit]:
        """What a session counts towards: its address and, if it has a name, its browser."""
        request = HTTPConnection(scope)
        names = {f"address {request.client.host if request.client else ''}": self._allowance.address}
        if cookie := request.cookies.get(COOKIE):
            names[cookie] = self._allowance.browser
        return names

    def _is_over(self, names: dict[str, SessionLimit]) -> bool:
        if self._open[_ALL] >= self._allowance.sessions:
            return True
        if any(self._open[name] >= share.sessions for name, share in names.items()):
            return True
        return not all(self._begun[share].take(name) for name, share in names.items())


def _paced(receive: Receive, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> Receive:
    """`receive`, delayed after a burst: further messages of the browser wait in the connection."""
    tokens, last = float(allowance.burst), clock()

    async def paced() -> Message:
        nonlocal tokens, last
        message = await receive()
        now = clock()
        tokens = min(allowance.burst, tokens + (now - last) * allowance.messages_per_second) - 1
        last = now
        if tokens < 0 and message["type"] == "websocket.receive":
            await asyncio.sleep(-tokens / allowance.messages_per_second)
        return message

    return paced
