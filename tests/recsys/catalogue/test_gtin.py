import pytest

from recsys.catalogue.gtin import parse_gtin, same_length


@pytest.mark.parametrize(
    "written",
    [
        "4006381333931",
        "6291041500213",
        "96385074",
        "036000291452",
        "00012345600012",
        "4-006381-333931",
        "0 36000 29145 2",
    ],
)
def test_published_numbers_are_read(written: str) -> None:
    assert parse_gtin(written) == written.replace("-", "").replace(" ", "")


@pytest.mark.parametrize(
    "written",
    [
        "4006381333932",
        "4006381339331",
        "",
        "0",
        "00000000",
        "963850741",
        "40063813339310",
        "4.00638E+12",
        "x",
        "''4006381333931",
        "4006381333931'",
    ],
)
def test_anything_else_is_none(written: str) -> None:
    assert parse_gtin(written) is None


def test_the_apostrophe_that_keeps_spreadsheets_from_changing_a_number_is_left_out() -> None:
    assert parse_gtin("'4006381333931") == "4006381333931"


def test_a_upc_and_the_ean_that_begins_with_its_zero_are_the_same() -> None:
    assert same_length("036000291452") == same_length("0036000291452") == "00036000291452"
