"""Charts as downloadable pictures: with a title, on white, in a font that is always available."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import vl_convert
from font_roboto import Roboto

Format = Literal["png", "svg"]

_INK, _QUIET = "#14302a", "#4d645d"
_WIDTH, _SCALE = 640, 2.0
_CONFIG: dict[str, Any] = {
    "font": "Roboto",
    "background": "white",
    "padding": 16,
    "view": {"stroke": None},
    "text": {"color": _INK},
    "axis": {"labelColor": _QUIET, "titleColor": _QUIET, "gridColor": "#d6e2dc", "domainColor": "#808a86"},
    "title": {"color": _INK, "subtitleColor": _QUIET, "anchor": "start", "fontSize": 16, "subtitleFontSize": 12},
}


def picture(chart: Any, form: Format, *, title: Sequence[str], subtitle: Sequence[str]) -> bytes:
    """Draw the altair chart as a PNG or SVG below its title, each a sequence of lines."""
    _register_font()
    heading = {"text": list(title), "subtitle": list(subtitle), "offset": 16}
    specification = chart.properties(title=heading, width=_WIDTH).configure(**_CONFIG).to_dict()
    if form == "svg":
        return str(vl_convert.vegalite_to_svg(specification)).encode()
    return bytes(vl_convert.vegalite_to_png(specification, scale=_SCALE))


@lru_cache(maxsize=1)
def _register_font() -> None:
    vl_convert.register_font_directory(str(Path(Roboto).parent))
