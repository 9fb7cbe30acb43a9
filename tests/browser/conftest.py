import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from recsys.database.database import open_database
from recsys.database.engines import records_address
from recsys.settings import Settings
from tests.browser.apps import Server, running_app
from tests.browser.chromium import NAMES, chromium_path, launched_chromium
from tests.hostile import HOSTILE
from tests.weights_mirror import Mirror, seeded_weights, serving

PATIENCE_MS = 60_000  # the machine that runs the tests may be busy
SHOP_PAGE = "https://shop.example/p"
LAPTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, with a camera that shows a test picture.

    Once it is used, an event loop runs that would break other tests: those in this folder come last.
    """
    path = chromium_path()
    if path is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    expect.set_options(timeout=PATIENCE_MS)
    with launched_chromium(path) as browser:
        yield browser


@pytest.fixture(scope="session")
def laptop(chromium: Browser, server: Server) -> Iterator[BrowserContext]:
    """A laptop's browser."""
    with warm_context(chromium, server, viewport=LAPTOP) as context:
        yield context


@pytest.fixture(scope="session")
def smartphone(chromium: Browser, server: Server) -> Iterator[BrowserContext]:
    """A phone's browser."""
    with warm_context(chromium, server, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        yield context


@pytest.fixture(scope="session")
def indonesian_laptop(chromium: Browser, server: Server) -> Iterator[BrowserContext]:
    """A browser that asks for Indonesian."""
    with warm_context(chromium, server, viewport=LAPTOP, locale="id-ID") as context:
        yield context


@pytest.fixture
def page(laptop: BrowserContext) -> Iterator[Page]:
    """A new visitor's tab on a laptop."""
    with new_visitor(laptop) as page:
        yield page


@pytest.fixture
def phone(smartphone: BrowserContext) -> Iterator[Page]:
    """A new visitor's tab on a phone."""
    with new_visitor(smartphone) as page:
        yield page


@pytest.fixture
def indonesian(indonesian_laptop: BrowserContext) -> Iterator[Page]:
    """A new visitor whose browser is Indonesian."""
    with new_visitor(indonesian_laptop) as page:
        yield page


@contextmanager
def warm_context(chromium: Browser, server: Server, **options: Any) -> Iterator[BrowserContext]:
    """A browser that keeps the app's compiled scripts from one visitor to the next.

    A small page of the app stays open in its first tab: without it, each new tab starts with a new window, whose own
    parts Chromium also draws with scripts, and a new process that compiles all scripts again. A visit takes 1.9 s of
    CPU instead of 3.2 (AMD EPYC). The browser asks for reduced motion: Streamlit's fades cost up to a second more.
    """
    with chromium.new_context(reduced_motion="reduce", **options) as context:
        context.new_page().goto(f"{server.url}/_stcore/health")
        yield context


@contextmanager
def new_visitor(context: BrowserContext) -> Iterator[Page]:
    """A tab of a visitor whom no server has seen before; the browser forgets everything about them afterwards."""
    yield opened_page(context)
    for tab in context.pages[1:]:
        tab.close()
    context.clear_cookies()
    context.clear_permissions()


def opened_page(context: BrowserContext) -> Page:
    """A tab whose file choosers are caught from the start: one may open before Playwright is ready."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("filechooser", lambda chooser: None)
    return page


@pytest.fixture(scope="session")
def shop_home(searchable_home: Path, shop_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop with a product whose every text is markup, one with a page in the shop, and a sample photo."""
    home = shutil.copytree(searchable_home, tmp_path_factory.mktemp("browser") / "home", symlinks=True)
    catalogue = home / "cache" / "catalogue.json"
    content = json.loads(catalogue.read_bytes())
    content["products"][1] |= {"name": HOSTILE, "brand": HOSTILE, "category": HOSTILE}
    content["products"][-1] |= {"product_url": SHOP_PAGE}
    catalogue.write_text(json.dumps(content), encoding="utf-8")
    samples = home / "cache" / "demo" / "samples"
    samples.mkdir(parents=True)
    shutil.copy(shop_csv.parent / "coffee-1.jpg", samples / "coffee-1.jpg")
    entry = {"photo": "coffee-1.jpg", "product_id": "coffee-1", "title": "A cup [x](javascript:alert(1)) of **coffee**"}
    (samples / "samples.json").write_text(json.dumps([entry]))
    return home


@pytest.fixture
def unrecorded_home(shop_home: Path, tmp_path: Path) -> Path:
    """The small shop in a separate data home, without records."""
    return shutil.copytree(shop_home, tmp_path / "home", symlinks=True, ignore=shutil.ignore_patterns("records"))


@pytest.fixture
def nothing_recorded(shop_home: Path, server: Server) -> None:
    """No searches, ratings or answers in the running app's records."""
    open_database(records_address(Settings(home=shop_home)))
    with closing(sqlite3.connect(shop_home / "records" / "records.db")) as records, records:
        tables = records.execute("select name from sqlite_master where type = 'table' and name not like 'alembic%'")
        for (table,) in tables.fetchall():
            records.execute(f"delete from {table}")


@pytest.fixture(scope="session")
def server(shop_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, as it is started for its users."""
    with running_app(shop_home, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def server_below_a_path(described_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app below `/shop`, as behind a company's web server.

    Its catalogue is described for the refined ranking, and its records cannot be used.
    """
    home = shutil.copytree(described_home, tmp_path_factory.mktemp("described") / "home", symlinks=True)
    (home / "records").mkdir()
    (home / "records" / "records.db").write_bytes(b"no database" * 1000)
    with running_app(home, tmp_path_factory.mktemp("server"), base_path="shop") as server:
        yield server


@pytest.fixture(scope="session")
def mirror(pytestconfig: pytest.Config) -> Iterator[Mirror]:
    with serving(seeded_weights(pytestconfig)) as mirror:
        yield mirror


@pytest.fixture(scope="session")
def separate_home(shop_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop in a separate data home, at first without records."""
    home = tmp_path_factory.mktemp("separate") / "home"
    return shutil.copytree(shop_home, home, symlinks=True, ignore=shutil.ignore_patterns("records"))


@pytest.fixture(scope="session")
def separate_server(separate_home: Path, mirror: Mirror, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with a separate data home, which gets weights from the mirror only, and whose poll is by invitation."""
    folder = tmp_path_factory.mktemp("server")
    environment = {
        "RECSYS_WEIGHTS_MIRROR": mirror.address,
        "KERAS_HOME": str(folder / "keras"),
        "RECSYS_SURVEY_MODE": "invited",
    }
    with running_app(separate_home, folder, environment=environment) as server:
        yield server


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start the app on a data home, with further environment variables, until the test ends."""
    with ExitStack() as stack:
        yield lambda home, **environment: stack.enter_context(
            running_app(home, tmp_path_factory.mktemp("server"), environment=environment)
        )


@pytest.fixture
def crashing_server(shop_home: Path, tmp_path: Path) -> Iterator[Server]:
    """An app whose only page raises an unexpected error."""
    (tmp_path / "page.py").write_text("import streamlit as st\nst.title('Before')\n{}['a secret']\n")
    (tmp_path / "app.py").write_text(
        "import streamlit as st\nfrom recsys.ui.shell.failures import apologise\n"
        "app = st.App('page.py', on_script_error=apologise)\n"
    )
    with running_app(shop_home, tmp_path, script=tmp_path / "app.py") as server:
        yield server
