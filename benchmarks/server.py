"""The app as a separate process, for benchmarks of what a browser gets."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import httpx


@contextmanager
def running_app(home: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(command, env=environment_of(home), stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            try:
                httpx.get(f"{address}/_stcore/health").raise_for_status()
                break
            except httpx.HTTPError:
                sleep(0.02)
        yield address, process
    finally:
        process.terminate()
        process.wait()


def environment_of(home: Path) -> dict[str, str]:
    return {**os.environ, "RECSYS_HOME": str(home)}
