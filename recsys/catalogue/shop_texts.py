"""Prices and ids as shop systems and spreadsheets write them, cleaned up."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # 15.000: fifteen, or fifteen thousand in Indonesian notation
_THREE_DECIMALS = re.compile(r"\d+\.\d{3}")
_WITH_CURRENCY = re.compile(r"([\d.]+) ([A-Z]{3})")  # as in Google's product feed
_SPREADSHEET_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)


def parse_price(text: str, *, has_three_decimals: bool = False) -> float | None:
    """Read a plain number such as `15000` or `15000.50`; None for anything ambiguous.

    If a column `has_three_decimals`, 15.000 is fifteen.
    """
    if THOUSANDS.fullmatch(text) and not has_three_decimals:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    return float(price) if price.is_finite() and 0 <= price < Decimal("1e15") else None


def split_currency(text: str) -> tuple[str, str]:
    """The number and the currency of a price such as `15000.00 IDR`; the currency is empty if there is none."""
    found = _WITH_CURRENCY.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def have_three_decimals(prices: Iterable[str]) -> bool:
    """Whether a column's prices are written like a database's numeric(20,3).

    Each then has three decimals, and at least one cannot be grouped thousands, such as `123456.789` or `0.500`.
    """
    written = [price for price in prices if price]
    return all(_THREE_DECIMALS.fullmatch(price) for price in written) and any(
        not THOUSANDS.fullmatch(price) for price in written
    )


def is_spreadsheets_number(product_id: str) -> bool:
    """Whether a spreadsheet has turned an id into a number and lost digits, as in `8.99E+12`."""
    return bool(_SPREADSHEET_NUMBER.fullmatch(product_id))


def csv_price(price: Decimal) -> str:
    """An unambiguous price: never with three decimals, never with an exponent."""
    text = format(price, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}0" if THOUSANDS.fullmatch(text) else text
