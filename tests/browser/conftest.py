import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.apps import Server, running_app
from tests.browser.chromium import NAMES, chromium_path, launched_chromium


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
        yield opened_page(context)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A new visitor's tab on a phone."""
    with chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as context:
        yield opened_page(context)


def opened_page(context: BrowserContext) -> Page:
    """A tab whose file choosers are caught from the start: else a first one may open before Playwright is ready."""
    page = context.new_page()
    page.on("filechooser", lambda chooser: None)
    return page


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


@pytest.fixture
def unrecorded_home(shop_home: Path, tmp_path: Path) -> Path:
    """The small shop in a data home of the test's own, without records."""
    home = shutil.copytree(shop_home, tmp_path / "home", symlinks=True)
    shutil.rmtree(home / "records", ignore_errors=True)
    return home


@pytest.fixture(scope="session")
def server(shop_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, as it is started for its users."""
    with running_app(shop_home, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def server_below_a_path(shop_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app below `/shop`, as behind a company's web server."""
    with running_app(shop_home, tmp_path_factory.mktemp("server"), base_path="shop") as server:
        yield server


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start the app on a data home, with more of the environment, until the test ends."""
    with ExitStack() as stack:
        yield lambda home, **environment: stack.enter_context(
            running_app(home, tmp_path_factory.mktemp("server"), environment=environment)
        )


@pytest.fixture
def crashing_server(shop_home: Path, tmp_path: Path) -> Iterator[Server]:
    """An app whose only page fails in a way that nobody foresaw."""
    (tmp_path / "page.py").write_text("import streamlit as st\nst.title('Before')\n{}['a secret']\n")
    (tmp_path / "app.py").write_text(
        "import streamlit as st\nfrom recsys.ui.shell.failures import apologise\n"
        "app = st.App('page.py', on_script_error=apologise)\n"
    )
    with running_app(shop_home, tmp_path, script=tmp_path / "app.py") as server:
        yield server
