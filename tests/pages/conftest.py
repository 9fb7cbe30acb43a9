import base64
import csv
import json
import re
import time
from collections.abc import Callable
from functools import partial
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import URL
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime import context
from streamlit.testing.v1 import AppTest

from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import Catalogue, catalogue_json, catalogue_path, load_catalogue
from recsys.database.database import Database
from recsys.database.engines import records_address
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.settings import Settings
from recsys.survey.invitations import invite
from recsys.survey.participants import note_search
from recsys.ui.door.visitors import COOKIE
from tests.hostile import HOSTILE
from tests.new_records import new_records
from tests.pages.as_served import run_as_served

ROUTER = Path(__file__).parents[2] / "recsys" / "ui" / "shell" / "router.py"

VISITOR = "v" * 43


@pytest.fixture(autouse=True, scope="session")
def runs_as_served() -> None:
    run_as_served()


def page_path(name: str) -> str:
    """A page's path, as AppTest wants it: from the router."""
    return f"../../../pages/{name}.py"


class Visit:
    """A visitor's session: the app, and what a visitor reads on the page."""

    def __init__(self, app: AppTest) -> None:
        self.app = app

    @property
    def cards(self) -> list[str]:
        """The names on the product cards, in order."""
        return [unescape(name) for name in re.findall(r'class="kc-name"[^>]*>(.*?)</div>', self.html, re.DOTALL)]

    @property
    def similarities(self) -> list[float]:
        return [float(number) for number in re.findall(r"cosine <b>([^<]*)</b>", self.html)]

    @property
    def html(self) -> str:
        return "\n".join(element.proto.body for element in self.app.get("html"))

    @property
    def text(self) -> str:
        """All text on the page, before Markdown is rendered."""
        kinds = ("title", "header", "subheader", "markdown", "caption", "code", "error", "warning", "info")
        return "\n".join(element.value for kind in kinds for element in getattr(self.app, kind))

    def go_to(self, page: str) -> None:
        self.app.switch_page(page_path(page)).run()
        self.check()

    def click(self, key: str) -> None:
        self.app.button(key=key).click().run()
        self.check()

    def send(self, component: str, event: str, value: object) -> None:
        """Send a component's message like its script would; AppTest itself does not support components."""
        (sender,) = (one.proto for one in self.app.get("bidi_component") if f"-{component}" in one.proto.id)
        states = self.app._tree.get_widget_states()
        message = json.dumps([{"event": event, "value": value}])
        states.widgets.append(
            WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{sender.id}__events", json_trigger_value=message)
        )
        self.app._run(states)
        self.check()

    def photograph(self, content: bytes, origin: str = "upload") -> None:
        """Send the page a photo, as the browser does."""
        self.send("search_intake", "photo", {"origin": origin, "content": base64.b64encode(content).decode()})

    def check(self) -> None:
        """Check that nothing failed with a traceback; wait for a network that is loading, as a browser does."""
        deadline = time.monotonic() + 60
        while ('class="kc-blank' in self.html or self.app.get("skeleton")) and time.monotonic() < deadline:
            time.sleep(0.05)
            self.app.run()
        assert not self.app.exception


@pytest.fixture
def cookies() -> dict[str, str]:
    """The cookies that the visitor's browser sends."""
    return {COOKIE: VISITOR}


@pytest.fixture
def visit(
    home: Path, cookies: dict[str, str], loaded_networks: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Visit]:
    """Open one of the app's pages, on the data home `home` or another one, with a browser's locale and query."""
    # AppTest has no browser: this is the request with which a browser with these cookies would start its visit.
    monkeypatch.setattr(
        context, "_get_client_context", lambda: SimpleNamespace(cookies=cookies, headers=[], remote_ip="127.0.0.1")
    )

    def open_app(data_home: Path = home, *, page: str = "search", locale: str = "en-US", **query: str) -> Visit:
        monkeypatch.setenv("RECSYS_HOME", str(data_home))
        records = data_home / "records" / "records.db"
        if data_home.exists() and not records.exists():
            new_records(URL.create("sqlite", database=str(records)))
        app = AppTest.from_file(ROUTER, default_timeout=60).switch_page(page_path(page))
        app.context["locale"] = locale
        for name, value in query.items():
            app.query_params[name] = value
        visit = Visit(app.run())
        visit.check()
        return visit

    return open_app


@pytest.fixture
def cut_to(home: Path, networks: Networks, bundled: Backbone) -> Callable[[int], None]:
    """Leave only the shop's first products."""

    def cut(number: int) -> None:
        products = load_catalogue(home / "cache").products[:number]
        catalogue_path(home / "cache").write_text(catalogue_json(Catalogue(products)))
        embed_catalogue(load_catalogue(home / "cache"), home / "cache", bundled, networks)

    return cut


@pytest.fixture
def hostile_home(home: Path) -> Path:
    """The shop, its first product with markup in every text."""
    path = catalogue_path(home / "cache")
    content = json.loads(path.read_bytes())
    content["products"][0] |= {"name": HOSTILE, "brand": HOSTILE, "category": HOSTILE}
    path.write_text(json.dumps(content), encoding="utf-8")
    return home


@pytest.fixture
def home_with_samples(home: Path, shop_csv: Path) -> Path:
    """The shop with two sample photos, as the demo has them."""
    folder = home / "cache" / "demo" / "samples"
    folder.mkdir(parents=True)
    entries = [
        {"photo": f"{product_id}.jpg", "product_id": product_id, "title": f"A photo of {product_id}"}
        for product_id in ("coffee-1", "rocket-3")
    ]
    for entry in entries:
        (folder / entry["photo"]).write_bytes((shop_csv.parent / entry["photo"]).read_bytes())
    (folder / "samples.json").write_text(json.dumps(entries))
    return home


@pytest.fixture
def database(settings: Settings) -> Database:
    return new_records(records_address(settings))


@pytest.fixture
def searched(database: Database) -> None:
    """A visitor who has searched."""
    with database.writing() as session:
        note_search(session, VISITOR)


@pytest.fixture
def survey(visit: Callable) -> Callable:
    """Open the poll."""
    return partial(visit, page="survey")


@pytest.fixture
def tokens(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The invitations of a poll by invitation."""
    monkeypatch.setenv("RECSYS_SURVEY_MODE", "invited")
    invite(database, 2, tmp_path / "invites.csv", "http://app")
    with (tmp_path / "invites.csv").open() as file:
        return [row["link"].rpartition("=")[2] for row in csv.DictReader(file)]
