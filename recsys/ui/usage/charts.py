"""The charts of usage: bars of counts, and shares with their intervals; every figure is also written out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from recsys.survey.summary import MIN_RELIABLE_COUNT, Share
from recsys.ui.charts.row_charts import bars, intervals, rows_chart, share_x, texts
from recsys.ui.charts.style import BAR, SILENT, SVG

_ROW, _NAME = 54, -17  # a row's height, and the distance of its name above its middle, in pixels
_BELOW = 6  # the distance of its bar or interval below its middle


@dataclass(frozen=True)
class Bar:
    """A row of a bar chart: its name, its length, and its figure as text."""

    name: str
    length: float
    figure: str


@dataclass(frozen=True)
class NamedShare:
    """A row of a chart of shares: its name, its share, and its figure as text."""

    name: str
    share: Share
    figure: str


def bars_chart(rows: Sequence[Bar]) -> Any:
    """Draw a bar for each row."""
    base = rows_chart([vars(row) for row in rows], name_offset=_NAME)
    drawn = bars(
        base, alt.X("length:Q", axis=None, scale=alt.Scale(nice=False)), alt.X2(datum=0), height=14, yOffset=_BELOW
    )
    return alt.layer(drawn, _figures(base), height=alt.Step(_ROW), **SVG)


def shares_chart(shares: Sequence[NamedShare]) -> Any:
    """Draw each row's share as a mark on its 95% interval, hollow if it is based on few."""
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
    return alt.layer(intervals(base, y=_ROW // 2 + _BELOW), shown, _figures(base), height=alt.Step(_ROW), **SVG)


def is_few(share: Share) -> bool:
    """Whether a share is based on too few to be reliable."""
    return share.total < MIN_RELIABLE_COUNT


def _figures(base: alt.Chart) -> Any:
    return texts(base, "figure", alt.XValue("width"), y=_NAME, align="right")
