"""Streamlit's routes that this app does not use: they answer 404."""

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_CLOSED = ("/_stcore/upload_file", "/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")


class Closed:
    """Middleware that answers 404 for them: uploads would be held in memory, and metrics are not public."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and any(closed in scope["path"] for closed in _CLOSED):
            await Response(status_code=404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
