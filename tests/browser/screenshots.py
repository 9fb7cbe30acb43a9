"""The README's pictures of every page, into docs/: `make screenshots`, on a data home with the demo shop."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from recsys.num_matches import NUM_MATCHES
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from tests.browser.apps import ROOT, Server, running_app
from tests.browser.chromium import chromium_path, launched_chromium
from tests.browser.sample_records import LABEL, fill
from tests.browser.widgets import wait_until

MAX_BYTES = 300_000
PATIENCE_MS = 120_000
LAPTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Pictures far below the visible part are not loaded until somebody scrolls there.
LOADED = """
[...document.images].every((image) =>
  image.getBoundingClientRect().top > innerHeight || (image.complete && image.naturalWidth > 0))
"""

# Commands recommended by the page name the data home, which is a temporary one here.
WITHOUT_HOME = "codes => codes.forEach(code => code.textContent = code.textContent.replace(/^RECSYS_HOME=\\S+ /, ''))"


def choose_sample(page: Page) -> None:
    page.locator(".st-key-search_welcome button").first.click()
    expect(page.locator(".st-key-cards_search .kc-card")).to_have_count(NUM_MATCHES)


def search_words(page: Page) -> None:
    page.get_by_label("Search by words").fill("susu coklat")
    page.keyboard.press("Enter")
    expect(page.locator(".kc-card").first).to_be_visible()


def go_on_from_a_match(page: Page) -> None:
    choose_sample(page)
    page.locator(".st-key-card_search_0").get_by_role("button", name="More like this").click()
    expect(page.locator(".st-key-product_detail")).to_be_visible()
    expect(page.get_by_text("The product itself is left out of the matches.")).to_be_visible()


def compare_backbones(page: Page) -> None:
    page.locator(".st-key-search_welcome button").first.click()
    expect(page.locator(".kc-matches .kc-name").first).not_to_be_empty()
    expect(page.locator(".kc-blank")).to_have_count(0)
    page.locator("code").evaluate_all(WITHOUT_HOME)


def label_sample_data(page: Page) -> None:
    expect(page.locator("svg.marks").first).to_be_visible()
    caption = page.locator("[data-testid=stCaptionContainer] p").first
    caption.evaluate("(element, text) => element.textContent = text", LABEL)


def do_nothing(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@dataclass(frozen=True)
class Picture:
    """A picture: the page's address, what to do there first, and how to view it."""

    name: str
    address: str
    prepare: Callable[[Page], None] = do_nothing
    viewport: dict[str, int] | None = None
    theme: Literal["light", "dark"] = "light"
    language: str = "en-US"


PICTURES = (
    Picture("search", "/", choose_sample),
    Picture("words", "/", search_words),
    Picture("product", "/", go_on_from_a_match),
    Picture("catalogue", "/catalogue"),
    Picture("compare", "/compare", compare_backbones, {"width": 1440, "height": 1500}),
    Picture("poll", "/survey"),
    Picture("survey", "/survey?tab=results", label_sample_data, {"width": 1440, "height": 1030}),
    Picture("usage", "/usage", label_sample_data, {"width": 1440, "height": 1300}),
    Picture("phone-start", "/", viewport=PHONE, language="id-ID"),
    Picture("phone-match", "/", choose_sample, PHONE, "dark", "id-ID"),
)


@contextmanager
def sample_app(shop: Path) -> Iterator[Server]:
    """The app on the shop's catalogue, with separate records of made-up people."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        home.mkdir()
        (home / "cache").symlink_to((shop / "cache").resolve())
        fill(home)
        command = [sys.executable, "-m", "recsys", "evaluate", "--queries", str(shop / "cache/demo/queries.csv")]
        environment = {**os.environ, "RECSYS_HOME": str(home)}
        for status in Recommender(Settings(home=home)).statuses():
            command += ["--backbone", status.backbone.name] if status.is_ready else []
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        with running_app(home, Path(folder)) as server:
            yield server


def take(browser: Browser, server: Server, picture: Picture) -> bytes:
    """Take one picture, as a PNG of 256 colours."""
    phone = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2} if picture.viewport is PHONE else {}
    with browser.new_context(
        viewport=picture.viewport or LAPTOP, color_scheme=picture.theme, locale=picture.language, **phone
    ) as context:
        page = context.new_page()
        page.goto(f"{server.url}{picture.address}")
        picture.prepare(page)
        page.mouse.move(0, 0)
        page.wait_for_load_state("networkidle")
        wait_until(page, LOADED)
        page.wait_for_timeout(1000)  # for fade-ins
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    buffer = io.BytesIO()
    shot.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
        buffer, "PNG", optimize=True
    )
    return buffer.getvalue()


def main(shop: Path) -> None:
    path = chromium_path()
    if path is None:
        sys.exit("Expected Chromium, found none: install it (Debian, Ubuntu: apt install chromium).")
    expect.set_options(timeout=PATIENCE_MS)
    with sample_app(shop) as server, launched_chromium(path) as browser:
        for picture in PICTURES:
            data = take(browser, server, picture)
            if len(data) > MAX_BYTES:
                sys.exit(f"Expected a picture of at most {MAX_BYTES:,} bytes, {picture.name} has {len(data):,}.")
            (ROOT / "docs" / "images" / f"{picture.name}.png").write_bytes(data)
            print(f"docs/images/{picture.name}.png: {len(data):,} bytes")


if __name__ == "__main__":
    main(Path(os.environ.get("RECSYS_HOME", "data")))
