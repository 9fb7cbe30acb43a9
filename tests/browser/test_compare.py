import io
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from embeddings.models.backbones import BACKBONES
from embeddings.models.runtime import Networks
from recsys.catalogue.products import load_catalogue
from recsys.evaluation.records import (
    DataSet,
    NetworkUsed,
    catalogue_sha256,
    evaluations_folder,
    keep_evaluation,
)
from recsys.evaluation.runs import Evaluation, GroupQuality, Percentiles
from recsys.evaluation.uploads import uploads_folder
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.num_matches import NUM_MATCHES
from recsys.search.kept_vectors import vectors_folder
from recsys.search.rankings import RANKINGS
from recsys.ui.styles import CARDS_ACROSS
from tests.browser.accessibility import violations
from tests.browser.widgets import wait_until

UNDESCRIBED = RANKINGS.keys() - {"refined"}  # what can be had of a shop whose catalogue is not described
HEIGHTS = """
window.heights = {}
setInterval(() => {
  for (const row of document.querySelectorAll('[class*=st-key-compare_row_]')) {
    if (!row.querySelector('.kc-row-head') || !row.querySelector('.kc-matches')) continue
    const name = [...row.classList].find(name => name.startsWith('st-key-compare_row_'))
    const seen = window.heights[name] ??= {blank: [], filled: []}
    seen[row.querySelector('.kc-blank') ? 'blank' : 'filled'].push(row.getBoundingClientRect().height)
  }
}, 10)
"""


@pytest.fixture
def compared(shop_home: Path, networks: Networks) -> Iterator[None]:
    """The running app's shop, with a second backbone ready and two evaluated, for this test."""
    catalogue, second = load_catalogue(shop_home / "cache"), BACKBONES["EfficientNetLite1"]
    embed_catalogue(catalogue, shop_home / "cache", second, networks)
    for name, hit in (("EfficientNetLite1", 0.5), ("ResNet50", 0.25)):
        means = {"hit@1": hit, "hit@5": 0.75, "mrr": 0.5, "map": 0.5}
        quality = GroupQuality(8, means, {metric: (mean - 0.125, mean + 0.125) for metric, mean in means.items()})
        times = Percentiles(hit * 20, hit * 40)
        evaluation = Evaluation(name, "cosine", {"all": quality}, times, times, ())
        data_set = DataSet("queries.csv", "a" * 64, catalogue_sha256(catalogue), len(catalogue.products))
        network = NetworkUsed("c" * 64, "f32")
        keep_evaluation(shop_home / "records", evaluation, data_set, network, now=datetime.now(UTC))
    yield
    shutil.rmtree(vectors_folder(shop_home / "cache", second))
    shutil.rmtree(evaluations_folder(shop_home / "records"))  # but not the records of the running app


@pytest.mark.usefixtures("compared")
def test_backbones_are_compared_by_eye_and_by_figures(server, page: Page) -> None:
    page.add_init_script(HEIGHTS)
    page.goto(server.url)
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Which backbone")).to_be_visible()  # a click on the old page leads back
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("window.heights = {}")
        before = page.url
        page.get_by_role("button", name="Surprise me").click()
        expect(page).not_to_have_url(before)
        expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
        expect(page.locator(".kc-matches img")).to_have_count(2 * NUM_MATCHES * len(UNDESCRIBED))
        wait_until(page, "[...document.querySelectorAll('.kc-matches img')].every(img => img.naturalWidth > 0)")
        matches = page.locator(".kc-matches").first.locator("li")
        tops = matches.evaluate_all("cards => cards.map(card => card.getBoundingClientRect().top)")
        assert len(set(tops)) == ceil(NUM_MATCHES / CARDS_ACROSS)  # five in one row, on a phone too
        seen = page.evaluate("window.heights")
        assert len(seen) == 2
        for heights in seen.values():  # a row seen while waiting did not jump when its matches came
            assert max(heights["blank"] + heights["filled"]) - min(heights["blank"] + heights["filled"]) < 1
        expect(page.get_by_role("rowheader")).to_have_text(["1. EfficientNetLite1", "2. ResNet50"])
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    chart = page.locator(".st-key-compare_chart")
    expect(chart.locator(".mark-text.role-mark text")).to_have_text(["1", "2"])
    expect(chart.get_by_text("hit@1 (share of the photos)")).to_be_visible()
    page.get_by_role("radio", name="mAP").click()
    expect(chart.get_by_text("mAP (from 0 to 1)")).to_be_visible()
    expect(page.locator(".kc-table tbody tr")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "Traceback" not in server.log


@pytest.fixture
def unmeasured(shop_home: Path) -> Iterator[None]:
    """Nothing is measured in the running app, before and after the test."""
    yield
    for folder in (evaluations_folder(shop_home / "records"), uploads_folder(shop_home / "cache")):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.usefixtures("unmeasured")
def test_photos_that_an_administrator_chooses_are_measured_on_the_page(server, page: Page, shop_csv: Path) -> None:
    noise = np.random.default_rng(1).bytes(5 * 1024**2)  # so that it arrives in two pieces
    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w") as files:
        files.writestr("queries.csv", "photo,product_id\na.jpg,coffee-2\nnoise.jpg,coffee-2\nb.jpg,coffee-2\n")
        files.writestr("a.jpg", (shop_csv.parent / "coffee-2.jpg").read_bytes())
        files.writestr("noise.jpg", noise)
    page.goto(f"{server.url}/compare")
    page.get_by_text("Measure with your own photos").click()
    expect(page.get_by_role("button", name="Choose the files")).to_be_visible()
    files = {"name": "set.zip", "mimeType": "application/zip", "buffer": pack.getvalue()}
    page.locator(".photo-set.ready input[type=file]").set_input_files(files)
    measured = page.get_by_role("rowheader")
    expect(measured).to_have_count(len(UNDESCRIBED))  # without anybody touching the page
    expect(measured.first).to_contain_text("1. EfficientNetLite0")
    expect(page.get_by_text("1 of the 3 photos last uploaded was measured.")).to_be_visible()
    expect(page.get_by_text("noise.jpg: This photo can't be read")).to_be_visible()
    expect(page.get_by_text("b.jpg: This photo was not sent.")).to_be_visible()
    assert violations(page) == []
    assert "Traceback" not in server.log
