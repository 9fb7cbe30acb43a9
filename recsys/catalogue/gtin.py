"""GTINs, the numbers of barcodes: EAN-13, EAN-8, UPC-A and GTIN-14."""

import re

_LENGTHS = (8, 12, 13, 14)


def parse_gtin(text: str) -> str | None:
    """The digits of a GTIN, which may be grouped by spaces or hyphens; None for anything else, or a wrong check digit.

    An apostrophe before them is left out: Shopify exports it, lest a spreadsheet makes a number of them.
    The check digit is GS1's: https://www.gs1.org/services/how-calculate-check-digit-manually
    """
    digits = re.sub(r"[\s-]", "", text).removeprefix("'")
    if len(digits) not in _LENGTHS or not (digits.isascii() and digits.isdigit()) or not int(digits):
        return None
    return digits if digits[-1] == check_digit(digits[:-1]) else None


def check_digit(digits: str) -> str:
    """The digit that GS1 appends to these."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def same_length(gtin: str) -> str:
    """The GTIN with 14 digits: a UPC-A and the EAN-13 that starts with its 0 are the same number."""
    return gtin.zfill(14)
