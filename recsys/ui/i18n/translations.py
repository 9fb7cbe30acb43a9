"""Texts and numbers in the visitor's language: gettext catalogues in `locales/`, with English as the source."""

import gettext as gnu
from contextvars import ContextVar
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import streamlit as st
from babel import Locale, negotiate_locale
from babel.numbers import NumberPattern, format_currency, format_decimal, format_percent

from embeddings.messages import Message

LOCALES = Path(__file__).parents[3] / "locales"
_CATALOGUE = "LC_MESSAGES/kalcare.po"
SOURCE_LANGUAGE = "en"

CHOICE = "language"  # in the session; a choice of an earlier visit is in the cookie
LANGUAGE_COOKIE = "kalcare_language"

# Shops do not use sen, and everybody writes "Rp"; CLDR has "IDR15,000.00" for English.
_RUPIAH = "'Rp'#,##0"

_OLD_CODES = {"in": "id"}  # Java's and old Android phones' code for Indonesian

_of_this_run: ContextVar[str | None] = ContextVar("language", default=None)


def gettext(message: str) -> str:
    """Translate a message into the visitor's language."""
    return _translations(language()).gettext(message)


def ngettext(singular: str, plural: str, number: int, **parts: object) -> str:
    """Translate a message that depends on a number, and insert that number, formatted, for `{number}`.

    Any other `parts` are inserted as they are.
    """
    return _translations(language()).ngettext(singular, plural, number).format(number=number_text(number), **parts)


def message_text(message: Message) -> str:
    """The message's text in the visitor's language, or in English if it is not translated."""
    return message.render(gettext, lambda number: number_text(number, digits=int(number != int(number))))


def language() -> str:
    """The visitor's language: the one chosen now or in an earlier visit, or their browser's, or English."""
    return _of_this_run.get() or _visitors_language()


def settle_language() -> None:
    """Determine the visitor's language for this run of the script, which asks for it hundreds of times."""
    _of_this_run.set(_visitors_language())


def _visitors_language() -> str:
    for chosen in (st.session_state.get(CHOICE), st.context.cookies.get(LANGUAGE_COOKIE)):
        if chosen in languages():
            return str(chosen)
    return best_language(st.context.locale or SOURCE_LANGUAGE)


@lru_cache(maxsize=256)
def best_language(wanted: str) -> str:
    """The available language for a browser's code (`id`, `id-ID`), or English."""
    code, *region = wanted.replace("_", "-").split("-")
    modern = "-".join([_OLD_CODES.get(code.lower(), code.lower()), *region])
    return negotiate_locale([modern], languages(), sep="-") or SOURCE_LANGUAGE


@lru_cache(maxsize=1)
def languages() -> list[str]:
    """The codes of the available languages: the source language, and those with a catalogue."""
    return [SOURCE_LANGUAGE, *sorted(str(Locale.parse(path.parts[-3])) for path in LOCALES.glob(f"*/{_CATALOGUE}"))]


def number_text(number: float, *, digits: int = 0) -> str:
    """A number with `digits` decimals, in the visitor's language."""
    return _number_text(number, digits, language())


def percent_text(share: float) -> str:
    """A share from 0 to 1 as a percentage with one decimal, in the visitor's language."""
    return str(format_percent(share, format="#,##0.0%", locale=language()))


def price_text(price: float | None, currency: str) -> str:
    """A price in the visitor's language; empty if the shop gives none."""
    if price is None:
        return ""
    if not currency:
        return number_text(price, digits=0 if price == int(price) else 2)
    return _currency_text(price, currency, language())


@lru_cache(maxsize=1024)
def _number_text(number: float, digits: int, name: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(number, format=pattern, locale=name))


@lru_cache(maxsize=1024)
def _currency_text(price: float, currency: str, name: str) -> str:
    pattern: str | NumberPattern | None = _RUPIAH if currency == "IDR" else None
    return str(format_currency(price, currency, pattern, locale=name, currency_digits=pattern is None))


@lru_cache(maxsize=16)
def _translations(name: str) -> gnu.NullTranslations:
    """A language's translations, compiled when the first visitor needs them, in a fiftieth of a second."""
    if name == SOURCE_LANGUAGE:
        return gnu.NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415  # English needs neither
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = BytesIO()
    with (LOCALES / name / _CATALOGUE).open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)
