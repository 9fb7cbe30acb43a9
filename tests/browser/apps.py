"""The app as its users meet it: a separate server, started for a test and stopped after it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser.chromium import PLAIN_HOST

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60  # the machine that runs the tests may be busy


@dataclass(frozen=True)
class Server:
    """A running app: its address, its process, and what it has logged."""

    url: str
    log_path: Path
    pid: int

    @property
    def log(self) -> str:
        return self.log_path.read_text()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_app(
    home: Path,
    folder: Path,
    *,
    base_path: str = "",
    script: Path = ROOT / "streamlit_app.py",
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[Server]:
    """Start the app on a data home, at a free port unless one is named; its log goes below `folder`."""
    port = port or free_port()
    options = {"server.port": port, "server.address": "127.0.0.1", "server.baseUrlPath": base_path}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--{option}={value}" for option, value in options.items()]
    url, log_path = f"http://127.0.0.1:{port}/{base_path}".rstrip("/"), folder / "log"
    own = {"RECSYS_HOME": str(home), "RECSYS_HOSTS": PLAIN_HOST, "PYTHONPATH": str(ROOT)}
    variables = {**os.environ, **own, **(environment or {})}
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"{url}/_stcore/health", process)
        yield Server(url, log_path, process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the process answers there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(verify=False) as client:  # otherwise each request reads all certificates, 40 ms of CPU
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.TransportError):
                if client.get(address).is_success:
                    return
            time.sleep(0.1)
    pytest.fail(f"nothing answers at {address}")
