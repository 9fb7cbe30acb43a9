import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import NAMES, chromium_path, launched_chromium

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """A running app: its address, its process, and what it wrote to its log."""

    url: str
    log_path: Path
    pid: int

    @property
    def log(self) -> str:
        return self.log_path.read_text()


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, which other folders' tests would trip over
def chromium() -> Iterator[Browser]:
    """The system's Chromium, with a camera that shows a test picture."""
    path = chromium_path()
    if path is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    with launched_chromium(path) as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A new visitor's tab on a laptop."""
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
        yield context.new_page()


@pytest.fixture(scope="session")
def shop_home(searchable_home: Path, shop_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop with a product whose every text is markup, and with two sample photos."""
    home = shutil.copytree(searchable_home, tmp_path_factory.mktemp("browser") / "home", symlinks=True)
    catalogue = home / "cache" / "catalogue.json"
    hostile = "<script>document.title='taken'</script> **Susu** [x](javascript:alert(1)) :red[merah] <img src=x>"
    content = json.loads(catalogue.read_bytes())
    content["products"][1] |= {"name": hostile, "brand": hostile, "category": hostile}
    catalogue.write_text(json.dumps(content), encoding="utf-8")
    samples = home / "cache" / "demo" / "samples"
    samples.mkdir(parents=True)
    shutil.copy(shop_csv.parent / "coffee-1.jpg", samples / "coffee-1.jpg")
    entry = {"photo": "coffee-1.jpg", "product_id": "coffee-1", "title": "A cup [x](javascript:alert(1)) of **coffee**"}
    (samples / "samples.json").write_text(json.dumps([entry]))
    return home


@pytest.fixture(scope="session")
def server(shop_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, as it is started for its users."""
    with _serve(shop_home, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def server_below_a_path(shop_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app below `/shop`, as behind a company's web server."""
    with _serve(shop_home, tmp_path_factory.mktemp("server"), base_path="shop") as server:
        yield server


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start the app on a data home, with more of the environment, until the test ends."""
    with ExitStack() as stack:
        yield lambda home, **environment: stack.enter_context(
            _serve(home, tmp_path_factory.mktemp("server"), environment=environment)
        )


@pytest.fixture
def crashing_server(shop_home: Path, tmp_path: Path) -> Iterator[Server]:
    """An app whose only page fails in a way that nobody foresaw."""
    (tmp_path / "page.py").write_text("import streamlit as st\nst.title('Before')\n{}['a secret']\n")
    (tmp_path / "app.py").write_text(
        "import streamlit as st\nfrom recsys.ui.failures import apologise\n"
        "app = st.App('page.py', on_script_error=apologise)\n"
    )
    with _serve(shop_home, tmp_path, script=tmp_path / "app.py") as server:
        yield server


@contextmanager
def _serve(
    home: Path,
    folder: Path,
    *,
    base_path: str = "",
    script: Path = ROOT / "streamlit_app.py",
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"server.port": port, "server.address": "127.0.0.1", "server.baseUrlPath": base_path}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--{option}={value}" for option, value in options.items()]
    url, log_path = f"http://127.0.0.1:{port}/{base_path}".rstrip("/"), folder / "log"
    variables = {**os.environ, "RECSYS_HOME": str(home), "PYTHONPATH": str(ROOT), **(environment or {})}
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"{url}/_stcore/health", process)
        yield Server(url, log_path, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the app does not answer at {address}")
