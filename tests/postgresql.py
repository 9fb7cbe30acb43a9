"""A PostgreSQL server for a test, if it is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

KEPT = Path(__file__).parents[1] / ".pytest_cache" / "d" / "postgresql"


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
        self._copy_new_cluster()

    @property
    def address(self) -> str:
        """The value of RECSYS_RECORDS_DATABASE_URL for it."""
        return f"postgresql+psycopg://postgres:s3cret@/postgres?host={self.folder}"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._control("-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self) -> None:
        self._control("-m", "immediate", "stop")

    def _copy_new_cluster(self) -> None:
        """Copy the cluster that an earlier test made, if there is one: making it takes a second of CPU."""
        version = subprocess.run([program("initdb"), "--version"], check=True, capture_output=True, text=True).stdout
        kept = KEPT / version.strip().replace("/", "-")
        kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{kept}.lock"):
            if not kept.exists():
                options = ("-U", "postgres", "--auth=trust", "--no-sync")
                self._run(program("initdb"), "-D", self.folder / "new", *options)
                shutil.rmtree(f"{kept}.part", ignore_errors=True)  # of a killed run
                subprocess.run(["cp", "-a", self.folder / "new", f"{kept}.part"], check=True)
                Path(f"{kept}.part").rename(kept)
        subprocess.run(["cp", "-a", kept, self.folder / "data"], check=True)

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
