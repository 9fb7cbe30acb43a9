import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES
from tests.browser.apps import Server, running_app
from tests.browser.conftest import PATIENCE_MS
from tests.browser.widgets import choose_option
from tests.weights_mirror import Mirror, seeded_weights, serving


@pytest.fixture(scope="module")
def mirror(pytestconfig: pytest.Config) -> Iterator[Mirror]:
    with serving(seeded_weights(pytestconfig)) as mirror:
        yield mirror


@pytest.fixture(scope="module")
def app(shop_home: Path, mirror: Mirror, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with a separate data home, which gets weights from the mirror only."""
    folder = tmp_path_factory.mktemp("jobs")
    home = shutil.copytree(shop_home, folder / "home", symlinks=True, ignore=shutil.ignore_patterns("records"))
    environment = {"RECSYS_WEIGHTS_MIRROR": mirror.address, "KERAS_HOME": str(folder / "keras")}
    with running_app(home, folder, environment=environment) as server:
        yield server


def matches(page: Page):
    return page.locator(".st-key-cards_search .kc-card")


def test_one_click_gets_a_backbone_ready_while_everybody_sees_it_and_searches_on(
    app, mirror: Mirror, page: Page, phone: Page
) -> None:
    mirror.gate.clear()
    page.goto(f"{app.url}/?product=coffee-2")
    expect(matches(page)).to_have_count(NUM_MATCHES)
    choose_option(page, "Backbone", "MobileNetV2")
    page.get_by_role("button", name="Get the weights (9 MB)").click()
    expect(page.get_by_text("Downloading the weights, ")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()

    phone.goto(f"{app.url}/?product=rocket-2")
    expect(matches(phone)).to_have_count(NUM_MATCHES)
    expect(phone.get_by_text("MobileNetV2: Downloading the weights, ")).to_be_visible()

    page.get_by_role("link", name="Catalogue").click()
    expect(page.get_by_role("heading", name="Catalogue")).to_be_visible()
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_text("Downloading the weights, ")).to_be_visible()

    mirror.gate.set()
    expect(matches(page)).to_have_count(NUM_MATCHES, timeout=3 * PATIENCE_MS)  # without anybody touching the page
    expect(page.get_by_text("As MobileNetV2 sees it")).to_be_visible()
    expect(page.get_by_role("combobox", name="Backbone")).to_have_value("MobileNetV2")
    expect(phone.get_by_text("MobileNetV2 is ready")).to_be_visible()
    expect(phone.get_by_text("As EfficientNetLite0 sees it")).to_be_visible()


def test_unavailable_weights_are_reported_with_a_remedy(app, page: Page) -> None:
    page.goto(app.url)
    choose_option(page, "Backbone", "VGG16")
    page.get_by_role("button", name="Get the weights (59 MB)").click()
    failure = page.locator("[class*='st-key-failure_']")
    expect(failure.get_by_role("heading")).to_have_text("VGG16 could not be made ready")
    expect(failure).to_contain_text("the server answered 404.")
    expect(failure).to_contain_text("Whoever runs this app can add a weights file for VGG16.")
    expect(failure.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert "Traceback" not in app.log
