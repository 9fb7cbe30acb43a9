"""A bucket of an S3 server (moto) in a separate process, which everything finds through its environment."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

_START_SECONDS = 60.0


@contextmanager
def bucket() -> Iterator[str]:
    """Yield the bucket's address; the server's is in the environment, `AWS_ENDPOINT_URL`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    nowhere = subprocess.DEVNULL
    os.environ |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
    os.environ |= {"AWS_ACCESS_KEY_ID": "kalcare", "AWS_SECRET_ACCESS_KEY": "of a benchmark"}
    with subprocess.Popen(command, stdout=nowhere, stderr=nowhere) as server:
        for attempt in Retrying(
            retry=retry_if_exception_type(httpx.TransportError),
            stop=stop_after_delay(_START_SECONDS),
            wait=wait_fixed(0.2),
            reraise=True,
        ):
            with attempt:
                httpx.put(f"http://127.0.0.1:{port}/kalcare").raise_for_status()
        yield "s3://kalcare"
        server.kill()
