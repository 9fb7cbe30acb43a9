"""Silent connections, on a real web server."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from websockets.sync.client import connect

from recsys.ui.door.connection_limits import close_the_silent

SECONDS = 0.5
LARGE = 50_000_000
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


class Watched(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # which class it is, is found when it is imported
    """A separate protocol class, so that other tests' is not changed."""


async def slow(request: Request) -> PlainTextResponse:
    await asyncio.sleep(float(request.query_params.get("seconds", 0)))
    return PlainTextResponse("done")


async def large(request: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * LARGE)


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    close_the_silent(Watched, SECONDS)
    app = Starlette(routes=[Route("/", slow), Route("/large", large), WebSocketRoute("/echo", echo)])
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=Watched, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()


def closed_after(connection: socket.socket) -> float:
    """Seconds until the server has closed the connection."""
    started = time.monotonic()
    while connection.recv(65536):
        pass
    return time.monotonic() - started


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(HEAD + b"X-Slow: ", id="half a head"),
        pytest.param(HEAD + b"\r\n" + HEAD, id="half a head after a whole request"),
    ],
)
def test_a_connection_that_asks_for_nothing_is_closed(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        assert SECONDS * 0.8 < closed_after(connection) < 5


def test_a_head_that_trickles_in_is_not_waited_for(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, pytest.raises(OSError):
        for drop in HEAD * 100:
            connection.sendall(bytes([drop]))
            time.sleep(0.02)


def test_a_slow_answer_is_given(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(HEAD.replace(b"GET /", b"GET /?seconds=1.5") + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_response_that_nobody_reads_is_abandoned(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(HEAD.replace(b"GET /", b"GET /large") + b"\r\n")
        time.sleep(SECONDS * 4)
        taken = 0
        with suppress(ConnectionResetError):
            while some := connection.recv(1_000_000):
                taken += len(some)
        assert 0 < taken < LARGE


def test_a_response_that_is_read_slowly_is_completed(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(HEAD.replace(b"GET /", b"GET /large") + b"Connection: close\r\n\r\n")
        taken, until = 0, time.monotonic() + SECONDS * 4
        while some := connection.recv(1_000_000):
            taken += len(some)
            if time.monotonic() < until:
                time.sleep(0.05)
        assert taken > LARGE


def test_a_quiet_websocket_stays_open(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/echo") as websocket:
        time.sleep(SECONDS * 3)
        websocket.send("still here")
        assert websocket.recv(timeout=10) == "still here"
