from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from recsys.demo.assortment import Item, assortment
from recsys.demo.packs import SHAPES
from recsys.demo.packshots import SIDE, Packshot, pack_picture, packshot


@pytest.fixture(scope="module")
def items() -> tuple[Item, ...]:
    return assortment(700, 2023)


def first_of(items: tuple[Item, ...], pack: str) -> Item:
    return next(item for item in items if item.line.pack == pack)


@pytest.mark.parametrize("pack", sorted(SHAPES))
def test_a_packshot_stands_on_near_white_and_fills_the_middle(items: tuple[Item, ...], pack: str) -> None:
    pixels = np.asarray(packshot(first_of(items, pack)), int)
    assert pixels.shape == (SIDE, SIDE, 3)
    assert pixels[:8, :8].min() > 200
    assert np.ptp(pixels[:8, :8].mean(axis=(0, 1))) < 3  # no colour cast
    middle = pixels[SIDE // 2 - 60 : SIDE // 2 + 60, SIDE // 2 - 60 : SIDE // 2 + 60]
    assert middle.std() > 15


@pytest.mark.parametrize("pack", sorted(SHAPES))
def test_a_pack_alone_is_cut_out_of_its_ground(items: tuple[Item, ...], pack: str) -> None:
    picture = pack_picture(first_of(items, pack), 300)
    assert picture.mode == "RGBA"
    assert picture.getchannel("A").getbbox() == (0, 0, *picture.size)
    assert 0.3 < np.asarray(picture.getchannel("A")).mean() / 255 < 1


def test_a_round_pack_is_darker_at_its_right_edge_than_in_the_light(items: tuple[Item, ...]) -> None:
    picture = pack_picture(first_of(items, "tin"), 400)
    grey = np.asarray(picture.convert("L"), float)[160:340]
    width = picture.width
    assert (
        grey[:, int(0.94 * width) : int(0.98 * width)].mean()
        < 0.8 * grey[:, int(0.3 * width) : int(0.4 * width)].mean()
    )


def test_variants_of_a_line_differ_visibly_but_less_than_other_brands(items: tuple[Item, ...]) -> None:
    def difference(first: Item, second: Item) -> float:
        pair = (np.asarray(packshot(item).resize((96, 96)), float) for item in (first, second))
        return float(np.abs(next(pair) - next(pair)).mean())

    line = [item for item in items if item.line == first_of(items, "carton").line]
    flavours = {item.flavour.label: item for item in line if item.size == line[0].size}
    first, second, *_ = flavours.values()
    strangers = [item for item in items if item.line.pack == "carton" and item.line.brand != first.line.brand]
    assert difference(first, second) > 1
    assert difference(first, second) < np.median([difference(first, other) for other in strangers[::12]])


def test_sizes_of_a_line_are_different_pictures(items: tuple[Item, ...]) -> None:
    for pack in SHAPES:
        line = [item for item in items if item.line == first_of(items, pack).line]
        files = {Packshot(item).jpeg() for item in line}
        assert len(files) == len(line)


def test_a_picture_is_the_same_whatever_was_drawn_before(items: tuple[Item, ...]) -> None:
    before = Packshot(items[0]).jpeg()
    for item in items[::40]:
        Packshot(item).jpeg()
    assert Packshot(items[0]).jpeg() == before
    assert Image.open(BytesIO(before)).format == "JPEG"
