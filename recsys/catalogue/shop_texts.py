"""Texts, prices and ids as shop systems and spreadsheets write them, cleaned up."""

import html
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # 15.000: fifteen, or fifteen thousand in Indonesian notation
ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|\w+);", re.IGNORECASE)  # as HTML has it: not `&reg` of `?id=1&region=2`
_THREE_DECIMALS = re.compile(r"\d+\.\d{3}")
_WITH_CURRENCY = re.compile(r"([\d.]+) ([A-Z]{3})")  # as in Google's product feed
_SPREADSHEET_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_INLINE = r"a|abbr|b|big|em|font|i|img|mark|s|small|span|strong|sub|sup|u"
_BLOCKS = (
    r"article|blockquote|br|center|dd|div|dl|dt|figure|h[1-6]|hr|li|ol|p|pre|section|table|tbody|td|th|thead|tr|ul"
)
_UNSEEN = re.compile(r"<(style)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})(?:\s[^<>]*|/)?>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCKS})(?:\s[^<>]*|/)?>", re.IGNORECASE)


def has_markup(text: str) -> bool:
    """Whether a text contains HTML entities or tags."""
    return bool(ENTITY.search(text) or _INLINE_TAG.search(text) or _BLOCK_TAG.search(text))


def plain_text(text: str) -> str:
    """The text as a browser would show it: entities decoded, even if encoded twice, and tags removed."""
    if not has_markup(text):
        return text
    for _ in range(2):
        text = html.unescape(_without_tags(text))
    return " ".join(_without_tags(text).split())


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


def _without_tags(text: str) -> str:
    return _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", _UNSEEN.sub(" ", text)))
