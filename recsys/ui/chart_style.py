"""What the app's charts share: colours that stand out from a light and a dark background, and how they are drawn."""

from typing import Any

BAR, INTERVAL = "#0f7f6e", "#808a86"

SVG: dict[str, Any] = {"usermeta": {"embedOptions": {"renderer": "svg"}}}
"""Drawn as SVG, a chart's texts are of the page: style sheets reach them."""

SILENT: dict[str, Any] = {"aria": False}
"""Marks that screen readers pass over: they read the chart's description, and the table below it."""
