"""Parts of charts whose rows are laid out in pixels from the top: names lie above their bars, and fit a phone."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from recsys.ui.charts.style import BAR, INTERVAL, SILENT

AXIS_HEIGHT = 32
"""What Streamlit takes from a chart's height for its axis, in pixels; elsewhere an axis lies below the chart."""

SHARES = alt.Scale(domain=[0, 1], nice=False)
PERCENTAGES = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], grid=False)


class RowChart:
    """A chart's data, a mapping of fields for each row, and the scale that counts pixels from its top."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], height: int) -> None:
        self.base = alt.Chart(pd.DataFrame(rows))
        self._down = alt.Scale(domain=[height, 0], nice=False)

    def bar(self, start: alt.X, end: str, sides: tuple[str, str], *, color: str = BAR) -> Any:
        """A bar from `start` to the field `end`, between the pixels that the fields `sides` hold."""
        top, bottom = sides
        marks = self.base.mark_bar(**SILENT, color=color, stroke=BAR, strokeWidth=1.5)
        return marks.encode(start, alt.X2(f"{end}:Q"), self.y(top), alt.Y2(f"{bottom}:Q"))

    def line(self, x: str, y: str, x2: str, y2: str) -> Any:
        """A line between two points, each coordinate a field."""
        marks = self.base.mark_rule(**SILENT, color=INTERVAL, strokeWidth=2)
        return marks.encode(alt.X(f"{x}:Q"), alt.X2(f"{x2}:Q"), self.y(y), alt.Y2(f"{y2}:Q"))

    def text(self, x: str, y: str, field: str, **options: Any) -> Any:
        """The text of a field at a point."""
        marks = self.base.mark_text(**SILENT, baseline="alphabetic", fontSize=13, **options)
        return marks.encode(alt.X(f"{x}:Q"), self.y(y), text=f"{field}:N")

    def y(self, field: str) -> alt.Y:
        """The pixels from the top that a field holds."""
        return alt.Y(f"{field}:Q", axis=None, scale=self._down)
