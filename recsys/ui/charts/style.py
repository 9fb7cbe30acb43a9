"""Shared by the app's charts: colours that stand out from light and dark backgrounds, and how they are drawn."""

from typing import Any

from babel import Locale

from recsys.ui.i18n.translations import language

BAR, INTERVAL = "#0f7f6e", "#808a86"

SVG: dict[str, Any] = {"usermeta": {"embedOptions": {"renderer": "svg"}}}
"""Drawn as SVG, a chart's texts are part of the page: style sheets apply to them."""

SILENT: dict[str, Any] = {"aria": False}
"""Marks that screen readers skip: they read the chart's description, and the table below it."""


def labels(pattern: str) -> str:
    """An axis' `labelExpr`: numbers in a d3 pattern, with the separators of the visitor's language.

    Vega can be given the whole language, but Streamlit does not pass that on.
    """
    symbols = Locale.parse(language()).number_symbols["latn"]
    text = f"format(datum.value, '{pattern}')"
    # A placeholder stands for the English decimal point, since the other language may use a point for grouping.
    for english, own in ((".", "~"), (",", symbols["group"]), ("~", symbols["decimal"])):
        text = f"join(split({text}, '{english}'), '{own}')"
    return text
