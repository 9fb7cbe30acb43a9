from time import process_time

import numpy as np
import pytest

from embeddings.imaging.box import Box
from embeddings.imaging.photos import QUERY_SIDE, RGB
from recsys.catalogue.gtin import check_digit
from recsys.search.barcodes import Barcode, read_barcodes, searched_gtins
from tests.barcode_pictures import barcode, photo_with


@pytest.mark.parametrize("angle", [0, 20, 45, 90, 130, 180, 250])
@pytest.mark.parametrize("gtin", ["4006381333931", "96385074", "036000291452"])
def test_a_code_is_read_and_located_at_any_angle(gtin: str, angle: float) -> None:
    (code,) = read_barcodes(photo_with(barcode(gtin), angle=angle, middle=(280, 560)))
    assert code.gtin.lstrip("0") == gtin.lstrip("0")
    assert (code.x, code.y) == pytest.approx((280 / 640, 560 / 840), abs=0.05)


def test_a_photograph_has_no_code(photographs: dict[str, RGB]) -> None:
    assert [read_barcodes(photo) for photo in photographs.values()] == [()] * len(photographs)


def test_a_wrong_check_digit_is_not_read() -> None:
    assert read_barcodes(photo_with(barcode("4006381333932"))) == ()


def many_codes() -> RGB:
    numbers = (f"{number:07d}" for number in range(1000, 1320))
    rows = [np.tile(barcode(digits + check_digit(digits), module=1, height=4), (1, 15, 1)) for digits in numbers]
    return np.concatenate(rows)[:QUERY_SIDE, :QUERY_SIDE]


def bars() -> RGB:
    rows = np.random.default_rng(7).integers(0, 2, (QUERY_SIDE, QUERY_SIDE // 2)) * 255
    return np.repeat(np.repeat(rows.astype(np.uint8), 2, axis=1)[..., np.newaxis], 3, axis=2)


@pytest.mark.parametrize(
    "picture", [many_codes(), bars(), np.tile(barcode("96385074", module=1, height=20), (64, 14, 1))]
)
def test_a_picture_full_of_bars_takes_no_longer_than_a_search_and_gives_few_codes(picture: RGB) -> None:
    started = process_time()
    assert len(read_barcodes(picture)) <= 8
    assert process_time() - started < 0.5


CODES = (Barcode("1", 0.1, 0.1), Barcode("2", 0.5, 0.5))
MIDDLE, CORNER, NEITHER = Box(0.25, 0.25, 0.5, 0.5), Box(0, 0, 0.3, 0.3), Box(0.7, 0.7, 0.3, 0.3)


def test_the_codes_in_the_box_are_searched() -> None:
    assert searched_gtins(CODES, MIDDLE, is_chosen=False) == ("2",)
    assert searched_gtins(CODES, CORNER, is_chosen=True) == ("1",)


def test_a_box_without_a_code_means_all_of_them_unless_somebody_chose_it() -> None:
    assert searched_gtins(CODES, NEITHER, is_chosen=False) == ("1", "2")
    assert searched_gtins(CODES, NEITHER, is_chosen=True) == ()
