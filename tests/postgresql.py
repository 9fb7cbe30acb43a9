"""A PostgreSQL server for a test, if it is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def program(name: str) -> str:
    found = shutil.which(name) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), default=None)
    if found is None:
        pytest.skip("PostgreSQL's server is not installed (Debian, Ubuntu: apt install postgresql)")
    return found


class Server:
    """A new server, which listens on a socket in its `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses to be run by root
        if self._user:
            shutil.chown(folder, user=self._user)
        self._run(program("initdb"), "-D", folder / "data", "-U", "postgres", "--auth=trust")

    @property
    def address(self) -> str:
        """The value of RECSYS_RECORDS_DATABASE_URL for it."""
        return f"postgresql+psycopg://postgres:s3cret@/postgres?host={self.folder}"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._control("-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self) -> None:
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: object) -> None:
        self._run(program("pg_ctl"), "-D", self.folder / "data", *arguments)

    def _run(self, *command: object) -> None:
        arguments = list(map(str, command))
        subprocess.run(arguments, user=self._user, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)


@contextmanager
def running_server() -> Iterator[Server]:
    """A new server while the block runs; the test is skipped if none is installed."""
    program("initdb")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a socket's path must be short
    try:
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
