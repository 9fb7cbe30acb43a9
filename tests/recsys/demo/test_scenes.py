from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from embeddings.imaging.photos import decode_photo
from recsys.demo.assortment import assortment
from recsys.demo.scenes import GROUPS, Shot
from recsys.search.barcodes import read_barcodes

ITEMS = assortment(60, 2023)


def photo(group: str, seed: str) -> Image.Image:
    with Image.open(BytesIO(Shot(ITEMS[3], (ITEMS[10], ITEMS[20], ITEMS[30]), group, seed).jpeg())) as image:
        return image.convert("RGB")


def sharpness(image: Image.Image) -> float:
    grey = np.asarray(image.convert("L"), float)
    return float(np.abs(np.diff(grey, axis=1)).mean())


@pytest.mark.parametrize("group", GROUPS)
def test_a_photo_has_a_phone_s_proportions_and_is_neither_black_nor_flat(group: str) -> None:
    image = photo(group, f"{group} 1")
    assert image.size == (720, 960)
    pixels = np.asarray(image, float)
    assert pixels.mean() > 25
    assert pixels.std() > 12


def test_badly_lit_photos_are_darker_and_blurred_ones_softer() -> None:
    def mean(group: str) -> float:
        return float(np.mean([np.asarray(photo(group, f"{group} {seed}")).mean() for seed in range(2)]))

    assert mean("badly lit") < 0.75 * mean("clear")
    soft, sharp = (
        np.mean([sharpness(photo(group, f"same {seed}")) for seed in range(2)]) for group in ("blurred", "clear")
    )
    assert soft < sharp


def test_a_photo_depends_on_its_seed_only() -> None:
    shot = Shot(ITEMS[0], (ITEMS[1],), "turned", "seed")
    assert shot.jpeg() == shot.jpeg()
    assert shot.jpeg() != Shot(ITEMS[0], (ITEMS[1],), "turned", "other").jpeg()


def test_the_back_of_a_pack_shows_its_barcode_and_the_front_does_not() -> None:
    item = next(item for item in ITEMS if item.line.pack == "pouch")
    back, front = (Shot(item, (), "clear", "back", is_back=is_back) for is_back in (True, False))
    assert [code.gtin for code in read_barcodes(decode_photo(back.jpeg()))] == [item.gtin]
    assert read_barcodes(decode_photo(front.jpeg())) == ()
