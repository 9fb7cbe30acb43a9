"""Getting a photo in, and framing it, as only a browser can show."""

import base64
import re
from pathlib import Path
from time import monotonic

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from recsys.num_matches import NUM_MATCHES
from recsys.ui.photo.upload_limit import MAX_UPLOAD_BYTES, MAX_UPLOAD_MEGABYTES
from tests.browser.accessibility import violations
from tests.browser.chromium import PLAIN_HOST
from tests.browser.test_word_search import type_words
from tests.browser.widgets import upload, wait_until

SPY_ON_CAMERA = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
navigator.mediaDevices.getUserMedia = (wanted) => { window.wanted = wanted; return open(wanted) }
"""

PLAY_PAST = """
(video, seconds) => new Promise((done) => {
  const look = () => (video.currentTime > seconds ? done() : requestAnimationFrame(look))
  look()
})
"""

SHIFTS = """
window.shifted = 0
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value
}).observe({ type: 'layout-shift', buffered: true })
"""

PUT_INTO_CLIPBOARD = """
async (url) => {
  const picture = await (await fetch(url)).blob()
  await navigator.clipboard.write([new ClipboardItem({ [picture.type]: picture })])
}
"""

CARRY_FILE = """
(url) => fetch(url).then((answer) => answer.blob()).then((blob) => {
  const carried = new DataTransfer()
  carried.items.add(new File([blob], 'dragged.jpg', { type: 'image/jpeg' }))
  return carried
})
"""


@pytest.fixture
def sent(page: Page) -> list[int]:
    """The number of bytes in each of the page's messages to the server."""
    sizes: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda payload: sizes.append(len(payload))))
    return sizes


def matches(page: Page):
    return page.locator(".st-key-cards_search .kc-card")


def frame(page: Page):
    return page.get_by_role("group", name=re.compile("Search area"))


def edges(page: Page) -> list[int]:
    """Left, right, top and bottom, in percent, as a screen reader reads them."""
    return [int(number) for number in re.findall(r"\d+", frame(page).get_attribute("aria-label") or "")]


def near(*percent: float):
    """These percentages, allowing for rounding to whole ones."""
    return pytest.approx(list(percent), abs=0.51)


def photo_size(page: Page) -> list[int]:
    """The width and the height of the photo on the page, in pixels."""
    wait_until(page, "document.querySelector('.st-key-photo_frame img')?.naturalWidth > 0")
    return page.locator(".st-key-photo_frame img").evaluate("img => [img.naturalWidth, img.naturalHeight]")


def cosines(page: Page) -> list[str]:
    return page.locator(".st-key-cards_search .kc-cosine b").all_text_contents()


def data_url(path: Path, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def noise(megapixels: float, folder: Path) -> Path:
    """A photo that hardly compresses, like grainy ones."""
    side = int((megapixels * 1e6) ** 0.5)
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "grain.jpg", quality=95)
    return folder / "grain.jpg"


def test_the_camera_is_asked_for_its_rear_lens_and_for_more_than_720_lines(server, page: Page) -> None:
    page.add_init_script(SPY_ON_CAMERA)
    page.goto(server.url)
    video, shutter = page.locator("video"), page.get_by_role("button", name="Take the photo")
    page.get_by_role("button", name="Take a photo").click()
    expect(shutter).to_be_focused()
    assert page.evaluate("window.wanted.video.facingMode") == {"ideal": "environment"}
    assert video.evaluate("video => video.videoHeight") >= 720
    page.keyboard.press("Escape")  # it can be closed without a photo
    expect(page.get_by_role("button", name="Take a photo")).to_be_focused()
    assert video.evaluate("video => video.srcObject") is None  # the camera's light is off

    photo, before, seconds = page.locator(".st-key-photo_frame img"), "", 0.0
    for take in (lambda: page.keyboard.press("Enter"), shutter.click):
        opened = monotonic()
        page.get_by_role("button", name=re.compile("Take a photo|Camera")).click()
        expect(shutter).to_be_focused()
        video.evaluate(PLAY_PAST, seconds)  # the camera starts anew each time: a frame as early may be the same
        take()
        expect(video).to_be_hidden()
        seconds = monotonic() - opened
        assert video.evaluate("video => video.srcObject") is None
        expect(photo).not_to_have_attribute("src", before)
        before = photo.get_attribute("src") or ""
        assert photo_size(page) == [640, 360]
        expect(matches(page)).to_have_count(NUM_MATCHES)


def test_a_picture_is_pasted_with_the_keys_and_the_button_or_dropped_anywhere_and_an_iphone_s_can_be_chosen(
    server, page: Page, shop_csv: Path, tmp_path: Path
) -> None:
    for name in ("coffee-2", "rocket-1"):
        Image.open(shop_csv.parent / f"{name}.jpg").save(tmp_path / f"{name}.png")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(server.url)
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
    page.evaluate(PUT_INTO_CLIPBOARD, data_url(tmp_path / "coffee-2.png", "image/png"))
    page.keyboard.press("Control+V")
    expect(matches(page).first).to_contain_text("Product coffee-2")
    page.evaluate(PUT_INTO_CLIPBOARD, data_url(tmp_path / "rocket-1.png", "image/png"))
    page.get_by_role("button", name="Paste").click()
    expect(matches(page).first).to_contain_text("Product rocket-1")

    page.evaluate("navigator.clipboard.writeText('Susu')")  # no picture
    page.keyboard.press("Control+V")
    expect(page.get_by_text("There is no picture on the clipboard.")).to_be_visible()

    carried = page.evaluate_handle(CARRY_FILE, data_url(shop_csv.parent / "coffee-2.jpg", "image/jpeg"))
    heading = page.get_by_role("heading", level=1)
    heading.dispatch_event("dragenter", {"dataTransfer": carried})
    expect(page.locator(".intake.over")).to_have_count(1)
    heading.dispatch_event("drop", {"dataTransfer": carried})
    expect(page.locator(".intake.over")).to_have_count(0)
    expect(matches(page).first).to_contain_text("Product coffee-2")

    picture = Image.open(shop_csv.parent / "rocket-1.jpg")
    pillow_heif.from_pillow(picture).save(tmp_path / "IMG_0001.HEIC", quality=90)
    upload(page, tmp_path / "IMG_0001.HEIC")
    expect(matches(page).first).to_contain_text("Product rocket-1")


def test_a_photo_is_made_small_upright_before_it_is_sent_and_a_large_file_of_another_kind_is_not_sent(
    server, page: Page, sent, tmp_path: Path
) -> None:
    page.goto(server.url)
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "film.jpg").write_bytes(b"\0" * (MAX_UPLOAD_BYTES + 1))
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
    upload(page, tmp_path / "text.jpg")
    expect(page.get_by_text("This file isn't a picture we can read.")).to_be_visible()
    upload(page, tmp_path / "film.jpg")
    expect(page.get_by_text("This file isn't a picture we can read.")).to_have_count(0)
    expect(page.get_by_text(f"This file is larger than {MAX_UPLOAD_MEGABYTES} MB.")).to_be_visible()
    assert max(sent) < 100_000

    photo = noise(8.6, tmp_path)
    assert photo.stat().st_size > 9.5 * 1024**2
    upload(page, photo)
    expect(matches(page)).to_have_count(NUM_MATCHES)
    assert 100_000 < max(sent) < 4_000_000
    assert photo_size(page) == [640, 640]  # the server's own small copy

    turned = Image.effect_noise((4000, 2000), 90).convert("RGB")
    exif = turned.getexif()
    exif[0x0112] = 6  # to be rotated by a quarter
    turned.save(tmp_path / "turned.jpg", quality=95, exif=exif)
    assert (tmp_path / "turned.jpg").stat().st_size > 1_500_000
    before = page.locator(".st-key-photo_frame img").get_attribute("src") or ""
    upload(page, tmp_path / "turned.jpg")
    expect(page.locator(".st-key-photo_frame img")).not_to_have_attribute("src", before)
    assert photo_size(page) == [320, 640]


def test_the_search_follows_the_frame_without_a_jump_and_it_stays_when_the_visitor_comes_back(
    server, page: Page, shop_csv: Path
) -> None:
    page.add_init_script(SHIFTS)
    page.goto(server.url)
    upload(page, shop_csv.parent / "coffee-2.jpg")
    expect(matches(page)).to_have_count(NUM_MATCHES)
    assert photo_size(page)[0] > 0
    assert edges(page) == near(7.5, 92.5, 7.5, 92.5)
    wait_until(page, "[...document.querySelectorAll('.kc-card img')].every(img => img.complete)")
    page.evaluate("window.shifted = 0")
    before = cosines(page)
    frame(page).press("ArrowLeft")
    expect(page.locator(".st-key-cards_search .kc-cosine b").first).not_to_have_text(before[0])
    page.wait_for_timeout(500)
    assert page.evaluate("window.shifted") < 0.02  # Google calls up to 0.1 good

    page.get_by_role("link", name="Catalogue").click()
    expect(page.get_by_role("heading", name="Catalogue")).to_be_visible()
    page.get_by_role("link", name="Search").click()
    expect(frame(page)).to_be_visible()
    assert edges(page) == near(5.5, 90.5, 7.5, 92.5)

    move_the_frame(page, before[0])


def move_the_frame(page: Page, cosine: str) -> None:
    """Move the frame with the button, the mouse, keys and sliders, from the middle, where the best match has this."""
    page.get_by_role("button", name="Middle").click()
    assert edges(page) == near(7.5, 92.5, 7.5, 92.5)
    expect(page.locator(".st-key-cards_search .kc-cosine b").first).to_have_text(cosine)
    box = frame(page).bounding_box()
    picture = page.locator(".st-key-photo_frame img").bounding_box()
    assert box is not None and picture is not None
    assert box["width"] == pytest.approx(0.85 * picture["width"], abs=1)  # the frame lies exactly over the photo
    assert box["x"] == pytest.approx(picture["x"] + 0.075 * picture["width"], abs=1)
    assert box["y"] == pytest.approx(picture["y"] + 0.075 * picture["height"], abs=1)

    page.mouse.move(box["x"], box["y"])  # its upper left corner
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * picture["width"], box["y"] + 0.4 * picture["height"], steps=5)
    page.mouse.up()
    assert edges(page) == near(37.5, 92.5, 47.5, 92.5)
    expect(page.locator(".st-key-cards_search .kc-cosine b").first).not_to_have_text(cosine)

    page.mouse.move(box["x"] + 0.6 * picture["width"], box["y"] + 0.6 * picture["height"])  # within it
    page.mouse.down()
    page.mouse.move(0, 0, steps=5)
    page.mouse.up()
    assert edges(page) == near(0, 55, 0, 45)  # it stays within the photo, with the same size

    page.get_by_role("button", name="Middle").click()
    expect(page.locator(".st-key-cards_search .kc-cosine b").first).to_have_text(cosine)

    frame(page).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert edges(page) == near(5.5, 90.5, 9.5, 94.5)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("-")
    assert edges(page) == near(7.5, 90.5, 11.5, 92.5)
    expect(page.locator(".st-key-cards_search .kc-cosine b").first).not_to_have_text(cosine)
    page.keyboard.press("Home")
    assert edges(page) == near(7.5, 92.5, 7.5, 92.5)
    page.get_by_text("Set the frame with sliders").click()
    page.get_by_label("Right edge").press("End")
    assert edges(page) == near(7.5, 100, 7.5, 92.5)
    page.get_by_role("button", name="Whole photo").click()
    assert edges(page) == [0, 100, 0, 100]
    expect(matches(page).first).to_contain_text("Product coffee-2")
    expect(page.locator(".st-key-cards_search .kc-cosine b").first).to_have_text(re.compile(r"0\.99|1\.00"))


def test_on_a_phone_the_photo_fits_matches_and_products_for_words_come_into_view_and_axe_finds_nothing(
    server, phone: Page, shop_csv: Path
) -> None:
    phone.goto(server.url)
    expect(phone.get_by_role("button", name="Take a photo")).to_be_in_viewport()
    expect(phone.get_by_text("press Ctrl+V")).to_be_hidden()
    upload(phone, shop_csv.parent / "coffee-2.jpg")
    expect(matches(phone).first).to_be_in_viewport()
    lefts = matches(phone).evaluate_all("cards => cards.map(card => card.getBoundingClientRect().left)")
    assert len({round(left) for left in lefts}) == 2
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    frame(phone).scroll_into_view_if_needed()
    picture = phone.locator(".st-key-photo_frame img").bounding_box()
    assert picture is not None
    assert picture["height"] < 844 / 2
    assert violations(phone, ["light"]) == []
    type_words(phone, "rocket")
    expect(phone.get_by_role("heading", name="4 products for “rocket”")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_over_plain_http_a_phone_uses_its_own_camera(server, phone: Page, shop_csv: Path) -> None:
    phone.goto(server.url.replace("127.0.0.1", PLAIN_HOST))
    expect(phone.get_by_text("browsers show live video over https only")).to_be_visible()
    with phone.expect_file_chooser() as opened:
        phone.get_by_role("button", name="Take a photo").tap()
    assert opened.value.element.get_attribute("capture") == "environment"  # with the rear lens
    opened.value.set_files(shop_csv.parent / "coffee-2.jpg")
    expect(matches(phone).first).to_contain_text("Product coffee-2")
    expect(matches(phone).first).to_be_in_viewport()  # the page has scrolled there
    with phone.expect_file_chooser() as opened:
        phone.get_by_role("button", name="File", exact=True).tap()
    assert opened.value.element.get_attribute("capture") is None


def test_over_plain_http_a_laptop_has_no_camera_and_the_page_says_why(server, page: Page, shop_csv: Path) -> None:
    page.goto(server.url.replace("127.0.0.1", PLAIN_HOST))
    expect(page.get_by_text("browsers allow the camera")).to_be_visible()
    expect(page.get_by_role("button", name="Take a photo")).to_be_hidden()
    expect(page.get_by_role("button", name="Paste")).to_be_hidden()
    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="Choose a file").click()
    opened.value.set_files(shop_csv.parent / "coffee-2.jpg")
    expect(matches(page).first).to_contain_text("Product coffee-2")
