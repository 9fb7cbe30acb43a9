"""The charts of what people did: bars of how much, and shares with their intervals; every figure is written, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from recsys.survey.summary import MIN_RELIABLE_COUNT, Share
from recsys.ui.charts.row_charts import bars, intervals, rows_chart, share_x, texts
from recsys.ui.charts.style import BAR, SILENT, SVG

_ROW, _NAME = 54, -17  # a row's height, and where its name is above its middle, in pixels
_BELOW = 6  # its middle, where its bar or interval is


@dataclass(frozen=True)
class Bar:
    """A row of a bar chart: its name, its length, and the figure that is written."""

    name: str
    length: float
    figure: str


@dataclass(frozen=True)
class NamedShare:
    """A row of a chart of shares: its name, its share, and the figure that is written."""

    name: str
    share: Share
    figure: str


def bars_chart(rows: Sequence[Bar]) -> Any:
    """Draw a bar for each row."""
    base = rows_chart([vars(row) for row in rows], name_offset=_NAME)
    drawn = bars(
        base, alt.X("length:Q", axis=None, scale=alt.Scale(nice=False)), alt.X2(datum=0), height=14, yOffset=_BELOW
    )
    return alt.layer(drawn, _figures(base)).properties(height=alt.Step(_ROW), **SVG)


def shares_chart(shares: Sequence[NamedShare]) -> Any:
    """Draw each row's share as a mark on its 95% interval, hollow where it is the share of few."""
    rows = [
        {
            "name": named.name,
            "figure": named.figure,
            "share": named.share.value,
            "low": named.share.interval[0],
            "high": named.share.interval[1],
            "fill": "transparent" if is_few(named.share) else BAR,
        }
        for named in shares
    ]
    base = rows_chart(rows, name_offset=_NAME)
    marks = base.mark_point(**SILENT, size=130, opacity=1, stroke=BAR, strokeWidth=2, yOffset=_BELOW)
    shown = marks.encode(share_x("share"), fill=alt.Fill("fill:N", scale=None))
    return alt.layer(intervals(base, y=_ROW // 2 + _BELOW), shown, _figures(base)).properties(
        height=alt.Step(_ROW), **SVG
    )


def is_few(share: Share) -> bool:
    """Whether a share is one of too few to tell much."""
    return share.total < MIN_RELIABLE_COUNT


def _figures(base: alt.Chart) -> Any:
    return texts(base, "figure", alt.value("width"), y=_NAME, align="right")
