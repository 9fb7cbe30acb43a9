"""The charts of what people did: bars of how much, and shares with their intervals; every figure is written, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from recsys.survey.summary import MIN_RELIABLE_COUNT, Share
from recsys.ui.charts.row_charts import PERCENTAGES, SHARES, RowChart
from recsys.ui.charts.style import BAR, SILENT, SVG

# What a row consists of, from its top, in pixels: its name and figure, and below them a bar, or an interval.
_ROW, _NAME, _BAR, _LINE = 54, 16, (24, 38), 31


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


def bars_chart(bars: Sequence[Bar]) -> Any:
    """Draw a bar for each row."""
    longest = max(bar.length for bar in bars) or 1
    rows = [{**_row(number, bar.name, bar.figure), "end": bar.length / longest} for number, bar in enumerate(bars)]
    height = _ROW * len(rows)
    chart = RowChart(rows, height)
    x = alt.X("zero:Q", axis=None, scale=SHARES)
    return alt.layer(chart.bar(x, "end", ("bar_top", "bar_bottom")), *_texts(chart)).properties(height=height, **SVG)


def shares_chart(shares: Sequence[NamedShare]) -> Any:
    """Draw each row's share as a mark on its 95% interval, hollow where it is the share of few."""
    rows = [
        {
            **_row(number, named.name, named.figure),
            "share": named.share.value,
            "low": named.share.interval[0],
            "high": named.share.interval[1],
            "fill": "transparent" if is_few(named.share) else BAR,
        }
        for number, named in enumerate(shares)
    ]
    height = _ROW * len(rows)
    chart = RowChart(rows, height)
    x = alt.X("share:Q", title=None, axis=PERCENTAGES, scale=SHARES)
    marks = chart.base.mark_point(**SILENT, size=130, opacity=1, stroke=BAR, strokeWidth=2, shape="circle")
    return alt.layer(
        chart.line("low", "line", "high", "line"),
        *(chart.line(end, "line_top", end, "line_bottom") for end in ("low", "high")),
        marks.encode(x, chart.y("line"), fill=alt.Fill("fill:N", scale=None)),
        *_texts(chart),
    ).properties(height=height, **SVG)


def is_few(share: Share) -> bool:
    """Whether a share is one of too few to tell much."""
    return share.total < MIN_RELIABLE_COUNT


def _row(number: int, name: str, figure: str) -> dict[str, Any]:
    top = number * _ROW
    return {
        "name": name,
        "figure": figure,
        "zero": 0,
        "one": 1,
        "name_y": top + _NAME,
        "bar_top": top + _BAR[0],
        "bar_bottom": top + _BAR[1],
        "line": top + _LINE,
        "line_top": top + _LINE - 5,
        "line_bottom": top + _LINE + 5,
    }


def _texts(chart: RowChart) -> tuple[Any, Any]:
    name = chart.text("zero", "name_y", "name", align="left", fontWeight="bold")
    return name, chart.text("one", "name_y", "figure", align="right")
