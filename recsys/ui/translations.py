"""The app's words and numbers in the visitor's language: gettext catalogues in `locales/`, the source is English."""

import gettext as gnu
from functools import lru_cache
from pathlib import Path

import streamlit as st
from babel import Locale, negotiate_locale
from babel.numbers import NumberPattern, format_currency, format_decimal, format_percent

LOCALES = Path(__file__).parents[2] / "locales"
DOMAIN = "kalcare"
SOURCE_LANGUAGE = "en"

# In the shops nobody counts sen, and "Rp" is what everybody writes; CLDR has "IDR15,000.00" for English.
_RUPIAH = "'Rp'#,##0"


def gettext(message: str) -> str:
    """Translate a message into the visitor's language."""
    return _translations(language()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Translate a message that depends on a number, and put that number, formatted, in for `{number}`."""
    return _translations(language()).ngettext(singular, plural, number).format(number=number_text(number))


def language() -> str:
    """The visitor's language where there is a translation into it, else English."""
    wanted = [st.context.locale] if st.context.locale else []
    return negotiate_locale(wanted, _languages(), sep="-") or SOURCE_LANGUAGE


def number_text(number: float, *, digits: int = 0) -> str:
    """A number with `digits` decimals as the visitor's language writes it."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(number, format=pattern, locale=language()))


def percent_text(share: float, *, digits: int = 1) -> str:
    """A share from 0 to 1 as a percentage with `digits` decimals, as the visitor's language writes it."""
    return str(format_percent(share, format="#,##0" + ("." + "0" * digits if digits else "") + "%", locale=language()))


def price_text(price: float | None, currency: str) -> str:
    """A price as the visitor's language writes it; empty where the shop gives none."""
    if price is None:
        return ""
    if not currency:
        return number_text(price, digits=0 if price == int(price) else 2)
    pattern: str | NumberPattern | None = _RUPIAH if currency == "IDR" else None
    return str(format_currency(price, currency, pattern, locale=language(), currency_digits=pattern is None))


@lru_cache(maxsize=1)
def _languages() -> list[str]:
    compiled = LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return [SOURCE_LANGUAGE, *sorted(str(Locale.parse(path.parts[-3])) for path in compiled)]


@lru_cache(maxsize=16)
def _translations(name: str) -> gnu.NullTranslations:
    return gnu.translation(DOMAIN, LOCALES, [name], fallback=True)
