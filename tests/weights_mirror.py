"""A mirror of Keras' weights on loopback, with a seeded MobileNetV2, for tests that download from it."""

import importlib.metadata
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

from embeddings.models.backbones import BACKBONES

MOBILENET = BACKBONES["MobileNetV2"]  # Keras publishes no hash for it, so that seeded weights pass


@dataclass(frozen=True)
class Mirror:
    """A running mirror; until `gate` is set, the second half of a file trickles in, for up to a minute."""

    address: str
    gate: threading.Event


def seeded_weights(config: pytest.Config) -> Path:
    """Weights of MobileNetV2 as saved by Keras, kept between runs of the tests."""
    folder = config.cache.mkdir("weights")
    path = folder / f"{MOBILENET.name}-{importlib.metadata.version('keras')}.h5"
    with FileLock(path.with_suffix(".lock")):
        if not path.is_file():
            _make(path)
    return path


def _make(path: Path) -> None:
    # In a separate process: code that downloads from the mirror must work without Keras, and this would hide it.
    command = [sys.executable, "-m", "tests.seeded_weights", path.with_suffix(".part")]
    subprocess.run(command, cwd=Path(__file__).parents[1], check=True, capture_output=True)
    path.with_suffix(".part").replace(path)


@contextmanager
def serving(weights: Path) -> Iterator[Mirror]:
    """Serve the weights of MobileNetV2, and nothing else."""
    content, gate = weights.read_bytes(), threading.Event()
    gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != f"/{MOBILENET.weights_file}":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            sent = len(content) // 2
            with suppress(ConnectionError):  # the client may be killed
                self.wfile.write(content[:sent])
                while sent < len(content):
                    size = len(content) if gate.wait(0.05) else 1 << 12
                    self.wfile.write(content[sent : sent + size])
                    sent += size

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Mirror(f"http://127.0.0.1:{server.server_port}", gate)
        gate.set()
        server.shutdown()
