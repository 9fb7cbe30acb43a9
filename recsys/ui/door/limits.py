"""How much of the app one browser may take, and all together: sessions, how fast they begin, and their messages."""

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
class Share:
    """How many sessions one visitor may have open at once, and begin in a minute."""

    sessions: int
    begun_per_minute: int


@dataclass(frozen=True)
class Allowance:
    """How many sessions are open at once in all, what a browser's share of them is, and how many messages one sends.

    An address may be a whole office's, behind a router, so that its share is larger. Yet it is not everything: whoever
    asks for a page gets a cookie, and could be as many browsers as they like.
    """

    sessions: int = 300
    browser: Share = Share(sessions=20, begun_per_minute=120)
    address: Share = Share(sessions=200, begun_per_minute=600)
    messages_per_second: float = 20.0
    burst: int = 60


class Limits:
    """Middleware that refuses sessions beyond the allowance, and reads a session's messages no faster than it says.

    A browser is known by its signed cookie, which an earlier middleware has checked.
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
            self._open += Counter()  # keeps those above 0

    def _names(self, scope: Scope) -> dict[str, Share]:
        """What a session counts for: its address and, where it has a name, its browser."""
        request = HTTPConnection(scope)
        names = {f"address {request.client.host if request.client else ''}": self._allowance.address}
        if cookie := request.cookies.get(COOKIE):
            names[cookie] = self._allowance.browser
        return names

    def _is_over(self, names: dict[str, Share]) -> bool:
        if self._open[_ALL] >= self._allowance.sessions:
            return True
        if any(self._open[name] >= share.sessions for name, share in names.items()):
            return True
        return not all(self._begun[share].take(name) for name, share in names.items())


def _paced(receive: Receive, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> Receive:
    """`receive`, held back after a burst: the browser's further messages wait in the connection."""
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
