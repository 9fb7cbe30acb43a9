"""Two machines with the app behind HAProxy, as `deploy/haproxy.cfg` has it, with one PostgreSQL and one S3 server."""

import asyncio
import csv
import getpass
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.tabs import Tab, opened_tab
from embeddings.imaging.photos import RGB, encode_jpeg
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import load_catalogue
from recsys.catalogue.sharing import SharedFiles
from recsys.database.database import Database, open_database
from recsys.database.engines import records_address
from recsys.indexing.preparation import encode_catalogue
from recsys.num_matches import NUM_MATCHES
from recsys.settings import Settings
from recsys.survey.participants import note_search
from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import read_responses
from recsys.ui.door.visitors import COOKIE
from tests.browser.apps import ROOT, Server, free_port, running_app, wait_for
from tests.command_line import recsys, succeeded
from tests.postgresql import running_server

SERVER = "kalcare_server"
"""The balancer's cookie, which ties a browser to a server."""
PEOPLE, TRIES = 60, 6
T = TypeVar("T")
_NAME = re.compile(r'class="kc-name"[^>]*>\s*([^<]*?)\s*<')


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, run in a separate thread: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True)
class Shop:
    """The address of the balancer, the apps behind it by cookie, and their homes and records.

    `office` is the machine that makes the catalogue from `csv`; `environment` is shared by all.
    """

    url: str
    apps: dict[str, Server]
    homes: dict[str, Path]
    office: Settings
    environment: dict[str, str]
    database: Database
    csv: Path


@contextmanager
def running_balancer(apps: list[Server], log: Path) -> Iterator[str]:
    program = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("HAProxy is not installed (Debian, Ubuntu: apt install haproxy)")
    address = f"127.0.0.1:{free_port()}"
    addresses = {f"APP_{number}": app.url.removeprefix("http://") for number, app in enumerate(apps, 1)}
    command = [program, "-db", "-f", ROOT / "deploy" / "haproxy.cfg"]
    variables = {**os.environ, **addresses, "BALANCER": address, "BALANCER_USER": getpass.getuser()}
    with log.open("wb") as file, subprocess.Popen(command, env=variables, stderr=file) as process:
        try:
            wait_for(f"http://{address}/ready", process)
            yield f"http://{address}"
        finally:
            process.terminate()


@contextmanager
def running_fetcher(home: Path, log: Path, environment: dict[str, str]) -> Iterator[None]:
    """The command that runs next to an app and fetches what has changed in the bucket."""
    command = [sys.executable, "-m", "recsys", "catalogue", "fetch", "--every", "5"]
    variables = {**os.environ, **environment, "RECSYS_HOME": str(home)}
    with (
        log.open("wb") as file,
        subprocess.Popen(command, cwd=ROOT, env=variables, stdout=file, stderr=file) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def shop(
    shop_csv: Path,
    bucket: str,
    bundled: Backbone,
    networks: Networks,
    networks_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    """The small shop, served by two machines that share only the bucket, the records and the balancer.

    Their compiled networks are those of the tests.
    """
    folder = tmp_path_factory.mktemp("servers")
    machines = {
        name: Settings(home=folder / name, cache_address=f"{bucket}/servers") for name in ("office", "app1", "app2")
    }
    for settings in machines.values():
        settings.cache.mkdir(parents=True)
        (settings.cache / "networks").symlink_to(networks_folder)
    office = machines.pop("office")
    import_catalogue(shop_csv, office.cache)
    encode_catalogue(load_catalogue(office.cache), office.cache, bundled, networks, progress=lambda *_: None)
    SharedFiles(office.cache).send()
    with ExitStack() as stack:
        records = stack.enter_context(running_server())
        environment = {
            "RECSYS_RECORDS_DATABASE_URL": records.address,
            "RECSYS_CACHE": office.cache_address,
            "RECSYS_COOKIE_SECRET": "one secret for all machines",
        }
        logs = tmp_path_factory.mktemp("logs")

        def start(name: str) -> Server:
            (logs / name).mkdir()
            home = machines[name].home
            running.enter_context(running_fetcher(home, logs / name / "fetched", environment))
            return running.enter_context(running_app(home, logs / name, environment=environment))

        running = stack.enter_context(ExitStack())
        with ThreadPoolExecutor() as threads:
            apps = dict(zip(machines, threads.map(start, machines), strict=True))
        url = stack.enter_context(running_balancer(list(apps.values()), logs / "balancer.log"))
        for app in apps.values():
            wait_until_ready(app)
        database = open_database(records_address(Settings(records_database_url=records.address)))
        homes = {name: settings.home for name, settings in machines.items()}
        yield Shop(url, apps, homes, office, environment, database, shop_csv)


def wait_until_ready(app: Server) -> None:
    """Wait until the app has fetched its first catalogue, and a search would work."""
    deadline = time.monotonic() + 60
    while httpx.get(f"{app.url}/ready", verify=False).status_code != 200:
        assert time.monotonic() < deadline, app.log
        time.sleep(0.2)


def test_visitors_reach_both_servers_and_each_stays_on_one(shop: Shop) -> None:
    browsers = [httpx.Client(base_url=shop.url) for _ in range(8)]
    first = [browser.get("/").cookies[SERVER] for browser in browsers]
    assert min(Counter(first)[name] for name in shop.apps) >= 2
    for browser, server in zip(browsers, first, strict=True):
        assert SERVER not in browser.get("/").cookies  # set only to send somebody to another server
        assert browser.cookies[SERVER] == server
        browser.close()


def test_what_one_server_has_signed_the_other_knows(shop: Shop) -> None:
    name = httpx.get(shop.apps["app1"].url).cookies[COOKIE]
    assert httpx.get(shop.apps["app2"].url, cookies={COOKIE: name}).cookies[COOKIE] == name


def test_sixty_answers_at_once_are_sixty_rows(shop: Shop) -> None:
    told = finished(answer_all_at_once(shop))
    assert told == PEOPLE * ["Thank you! Your answers are saved. Each person can answer once."]
    with shop.database.reading() as session:
        remarks = [response.remark for response in read_responses(session)]
    assert sorted(remarks, key=int) == [str(number) for number in range(PEOPLE)]


async def answer_all_at_once(shop: Shop) -> list[str]:
    """Have everybody fill in the poll on their own page and send it at the same moment; return what they are told."""
    browsers = [dict(httpx.get(shop.url, verify=False).cookies) for _ in range(PEOPLE)]
    assert min(Counter(cookies[SERVER] for cookies in browsers).values()) > PEOPLE // 4
    with shop.database.writing() as session:
        for cookies in browsers:
            note_search(session, cookies[COOKIE].partition(".")[0])
    async with AsyncExitStack() as stack:
        opening = (stack.enter_async_context(opened_tab(shop.url, "survey", cookies=one)) for one in browsers)
        tabs = await asyncio.gather(*opening)
        return list(await asyncio.gather(*(answer(tab, str(number)) for number, tab in enumerate(tabs))))


async def answer(tab: Tab, remark: str) -> str:
    """Fill in the poll and send it, again if the page asks for that; return what the page then says."""
    for _ in range(TRIES):
        radios = [element.radio for element in tab.elements if element.WhichOneof("type") == "radio"]
        (text,) = (one.text_area.id for one in tab.elements if one.WhichOneof("type") == "text_area")
        (send,) = (one.button.id for one in tab.elements if one.button.is_form_submitter)
        chosen = [WidgetState(id=radio.id, string_value=radio.options[0]) for radio in radios]
        said = [WidgetState(id=text, string_value=remark), WidgetState(id=send, trigger_value=True)]
        await tab.send_widgets(*chosen, *said)
        (told,) = (element.alert.body for element in tab.elements if element.alert.body)
        if "could not be saved just now" not in told:  # on a busy machine, others may write for ten seconds
            return told
    raise AssertionError(f"Expected an answer to be saved within {TRIES} tries, got {told!r}.")


@pytest.mark.usefixtures("loaded_networks", "quick_calibration")
def test_while_a_catalogue_is_made_everybody_sees_all_of_the_old_or_all_of_the_new(
    shop: Shop, tmp_path: Path, photographs: dict[str, RGB]
) -> None:
    folder = shutil.copytree(shop.csv.parent, tmp_path / "shop")
    renamed = folder / "renamed.csv"
    (folder / "added.jpg").write_bytes(encode_jpeg(photographs["coffee"][50:250, 100:300], quality=95))
    with shop.csv.open() as file, renamed.open("w") as out:
        rows = list(csv.DictReader(file))
        sheet = csv.DictWriter(out, rows[0])
        sheet.writeheader()
        sheet.writerow(rows[0] | {"product_id": "added", "name": "Novelty added", "image_url": "added.jpg"})
        for row in reversed(rows[:-2]):  # in another order, and without two
            sheet.writerow(row | {"name": row["name"].replace("Product", "Novelty")})
    views, seconds = finished(look_while(shop, renamed))
    assert len(views) == 4
    for seen in views.values():
        assert set(seen) == {"Product", "Novelty"}
        assert seen == sorted(seen, reverse=True)  # never the old one again
    assert seconds < 10
    for home in shop.homes.values():
        assert {path.name for path in home.iterdir()} == {"copies"}
        pictures = {path.stem for path in home.rglob("*.jpg")}
        assert len(pictures) == len(rows) + 1  # of this catalogue and the previous one


async def look_while(shop: Shop, renamed: Path) -> tuple[dict[tuple[str, str], list[str]], float]:
    """Look at two pages of both servers while a catalogue is made, most often while it is shared.

    Return which catalogue each view of each page showed, and the seconds from then until all showed the new one.
    """
    views: dict[tuple[str, str], list[str]] = {(name, page): [] for name in shop.apps for page in ("", "catalogue")}
    async with AsyncExitStack() as stack:
        tabs = {
            (name, page): await stack.enter_async_context(opened_tab(shop.url, page, cookies={SERVER: name}))
            for name, page in views
        }

        async def look(which: tuple[str, str]) -> None:
            assert await tabs[which].show("product=coffee-2") == []
            views[which].append(shown(tabs[which]))

        async def look_until_it_is_new(which: tuple[str, str]) -> None:
            while "Novelty" not in views[which]:
                await look(which)
                await asyncio.sleep(0.3 if sharing.is_set() else 1)

        sharing = asyncio.Event()
        looking = asyncio.gather(*map(look_until_it_is_new, views))
        await asyncio.sleep(1)
        told = []
        for command in (("catalogue", "import", renamed), ("embed",), ("catalogue", "share")):
            if "share" in command:
                sharing.set()
            done = await asyncio.to_thread(recsys, *command, home=shop.office.home, **shop.environment)
            told.append(succeeded(done))
        shared = time.monotonic()
        assert told[0] == "15 imported, 0 unchanged, 0 kept, 2 removed, 0 skipped.\n"
        assert told[1] == "EfficientNetLite0: 1 encoded, 14 there already.\n"
        await asyncio.wait_for(looking, 60)
        seconds = time.monotonic() - shared
        await asyncio.gather(*map(look, views))
    return views, seconds


def shown(tab: Tab) -> str:
    """Which of the two catalogues a page's cards belong to: all names of a catalogue start with the same word."""
    names = [name for element in tab.elements for name in _NAME.findall(element.html.body)]
    assert len(names) >= 5
    (kind,) = {name.split()[0] for name in names}
    return kind


def test_a_visitor_whose_server_was_killed_continues_after_a_reload(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.url}/?product=coffee-2")
    expect(page.locator(".kc-card")).to_have_count(NUM_MATCHES)
    before = cookies(page)
    lost: list[str] = []
    page.on("requestfailed", lambda request: lost.append(f"{request.url} ({request.failure})"))
    page.on("response", lambda one: lost.append(f"{one.url} ({one.status})") if one.status >= 400 else None)
    os.kill(shop.apps[before[SERVER]].pid, signal.SIGKILL)
    page.reload()
    with suppress(AssertionError):  # seldom, on busy machines, the page stays empty, and a person reloads it once more
        expect(page.locator(".kc-card")).to_have_count(NUM_MATCHES, timeout=20_000)
    if not page.locator(".kc-card").count():
        sys.stdout.write(f"Empty after the first reload: {lost}\n")
        page.reload()
    expect(page.locator(".kc-card"), f"after {lost}").to_have_count(NUM_MATCHES)
    after = cookies(page)
    assert after[SERVER] != before[SERVER]
    assert after[COOKIE] == before[COOKIE]  # the same visitor, who may answer the poll
    page.get_by_role("link", name="Poll").click()
    expect(page.locator(".stRadio")).to_have_count(len(QUESTIONS))
    assert {httpx.get(shop.url).status_code for _ in range(4)} == {200}


def cookies(page: Page) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
