"""What the app's charts share: colours that stand out from a light and a dark background, and how they are drawn."""

from typing import Any

from babel import Locale

from recsys.ui.i18n.translations import language

BAR, INTERVAL = "#0f7f6e", "#808a86"

SVG: dict[str, Any] = {"usermeta": {"embedOptions": {"renderer": "svg"}}}
"""Drawn as SVG, a chart's texts are of the page: style sheets reach them."""

SILENT: dict[str, Any] = {"aria": False}
"""Marks that screen readers pass over: they read the chart's description, and the table below it."""


def labels(pattern: str) -> str:
    """An axis' `labelExpr`: its numbers by a pattern of d3's, with the separators of the visitor's language.

    Vega could be given the language as a whole, but Streamlit does not pass that on.
    """
    symbols = Locale.parse(language()).number_symbols["latn"]
    text = f"format(datum.value, '{pattern}')"
    # The English point waits as a mark that no number has, for the other language may group with it.
    for english, own in ((".", "~"), (",", symbols["group"]), ("~", symbols["decimal"])):
        text = f"join(split({text}, '{english}'), '{own}')"
    return text
