"""Silent connections: how long they may stay open, and how many there may be.

uvicorn waits for the head of a request, and for a response to be read, as long as a client likes. Each connection takes
a file, of which a process has 1,024 by default: one visitor with a thousand would shut everybody else out.
"""

import asyncio
import sys
from functools import cache
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

if sys.platform != "win32":
    import resource

SECONDS = 20.0
_FILES = 10_240


@cache
def limit_connections() -> None:
    """Close silent connections of this process's web server, and allow more open files than can pile up until then."""
    close_the_silent(AutoHTTPProtocol, SECONDS)
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def close_the_silent(protocol: Any, seconds: float) -> None:
    """Make a uvicorn protocol close connections on which no request arrives, or no response is read, for so long.

    There is no setting for it, and Streamlit chooses the protocol, so the timer is added to the class.
    """
    connection_made = protocol.connection_made

    def watched(self: Any, transport: asyncio.Transport) -> None:
        connection_made(self, transport)
        self.loop.call_later(seconds, look, self, (None, 0))

    def look(self: Any, before: tuple[Any, int]) -> None:
        if self not in self.connections:  # closed, or by now a websocket, which is pinged
            return
        request, untaken = now = self.cycle, self.transport.get_write_buffer_size()
        is_answered = request is None or request.response_complete
        if now == before and (is_answered or untaken):
            self.transport.abort()
        else:
            self.loop.call_later(seconds, look, self, now)

    protocol.connection_made = watched
