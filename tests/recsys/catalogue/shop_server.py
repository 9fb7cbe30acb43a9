"""A shop's picture server that misbehaves on request."""

import io
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

Answer = Callable[[BaseHTTPRequestHandler], None]


class ShopServer:
    """Responds to each path as `answers` says: with the next of a list, and the last one forever."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.stopped = threading.Event()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                shop.requests.append((self.path, dict(self.headers)))
                answers = shop.answers.get(self.path, [answer(b"", status=404)])
                self.close_connection = True
                with suppress(OSError):  # the importer hung up
                    (answers.pop(0) if len(answers) > 1 else answers[0])(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def put(self, path: str, *answers: Answer) -> str:
        """Set a path's responses and return its address."""
        self.answers[path] = list(answers)
        return self.url + path

    def count(self, path: str) -> int:
        """How often a path was requested."""
        return [asked for asked, _ in self.requests].count(path)


def answer(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    """A plain response; header names are written with underscores."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return respond


def raw(*parts: bytes, pause: float = 0) -> Answer:
    """Write bytes unchanged, with a pause between the parts."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        for part in parts:
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(pause)

    return respond


def picture(colour: int, *, size: tuple[int, int] = (64, 48)) -> bytes:
    """A small JPEG, a different one for each colour."""
    pixels = np.full((size[1], size[0], 3), (colour % 256, colour // 256, 128), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()
