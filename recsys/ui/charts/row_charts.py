"""Charts of named rows: a row's name is its axis label, above the bar, so that bars get a phone's full width.

Encodings are Altair's own objects: of a text or a dictionary it makes one by comparing all its classes, for 20 ms.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from recsys.ui.charts.style import BAR, INTERVAL, SILENT

SHARES = alt.Scale(domain=[0, 1], nice=False)
PERCENTAGES = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], grid=False)


def rows_chart(rows: Sequence[Mapping[str, Any]], *, name_offset: int) -> alt.Chart:
    """Start a chart of rows, each with its `name` written `name_offset` pixels from its middle."""
    axis = alt.Axis(
        domain=False,
        ticks=False,
        labelAlign="left",
        labelFlush=False,
        labelFontSize=13,
        labelFontWeight="bold",
        labelLimit=0,
        labelOffset=name_offset,
        labelPadding=0,
        maxExtent=0,
    )
    return alt.Chart(pd.DataFrame(rows)).encode(
        alt.Y("name:N", title=None, sort=None, axis=axis, scale=alt.Scale(padding=0))
    )


def share_x(field: str) -> alt.X:
    """A share on the scale from nobody to everybody."""
    return alt.X(f"{field}:Q", title=None, axis=PERCENTAGES, scale=SHARES)


def bars(base: alt.Chart, x: alt.X, x2: alt.X2, *, filled: bool = True, **options: Any) -> Any:
    """A bar in each row, filled or only outlined."""
    colour = BAR if filled else "transparent"
    return base.mark_bar(**SILENT, color=colour, stroke=BAR, strokeWidth=1.5, **options).encode(x, x2)


def intervals(base: alt.Chart, *, y: int) -> Any:
    """The interval from `low` to `high` in each row, `y` pixels from the row's top."""
    part = {**SILENT, "color": INTERVAL, "strokeWidth": 2}
    marks = base.mark_errorbar(rule=part, ticks={**part, "size": 10, "thickness": 2})
    return marks.encode(share_x("low"), alt.X2("high:Q"), alt.YOffsetValue(y))


def texts(base: alt.Chart, field: str, x: Any, *, y: int, align: Literal["left", "center", "right"]) -> Any:
    """The text of a field in each row, `y` pixels from the row's middle."""
    marks = base.mark_text(**SILENT, align=align, baseline="middle", fontSize=13, dy=y)
    return marks.encode(x, alt.Text(f"{field}:N"))
