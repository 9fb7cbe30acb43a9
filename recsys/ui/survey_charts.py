"""The poll's charts: each question's shares beside the study's.

Nothing hangs on colour: the first choice is a filled bar and the second an outlined one, and every figure is written.
"""

from typing import Any

import altair as alt
import pandas as pd

from recsys.survey.summary import QuestionSummary, Share
from recsys.ui.chart_style import BAR, INTERVAL, SILENT, SVG
from recsys.ui.survey_texts import choice_texts, interval_text, named_shares
from recsys.ui.translations import gettext as _

_SECOND = "transparent"

# What a row consists of, from its top, in pixels: name, choices, bar, interval, the interval's figures.
_ROW, _NAME, _CHOICES, _BAR, _LINE, _FIGURES = 104, 14, 34, (40, 62), 71, 90

AXIS_HEIGHT = 32
"""What Streamlit takes from a chart's height for its axis, in pixels; elsewhere an axis lies below the chart."""


def question_chart(result: QuestionSummary) -> Any:
    """Draw a question's bar of 100% with its 95% interval, above the study's; without answers only the study's."""
    rows = named_shares(result)
    height = _ROW * len(rows)
    base = alt.Chart(pd.DataFrame([_fields(result, *row, number * _ROW) for number, row in enumerate(rows)]))
    down = alt.Scale(domain=[height, 0], nice=False)
    lines = [("low", "line", "high", "line"), *((end, "line_top", end, "line_bottom") for end in ("low", "high"))]
    texts = [
        ("zero", "name_y", "name", {"align": "left", "fontWeight": "bold"}),
        ("zero", "choices_y", "first", {"align": "left"}),
        ("one", "choices_y", "second", {"align": "right"}),
        ("middle", "figures_y", "interval", {"align": "center"}),
    ]
    return alt.layer(
        _bar(base, down, "zero", "share", color=BAR),
        _bar(base, down, "share", "one", color=_SECOND),
        *(_line(base, down, ends) for ends in lines),
        *(_text(base, down, x, y, field, options) for x, y, field, options in texts),
    ).properties(height=height, **SVG)


def _fields(result: QuestionSummary, name: str, share: Share, top: int) -> dict[str, Any]:
    first, second = choice_texts(result, share)
    low, high = share.interval
    return {
        "name": name,
        "first": first,
        "second": second,
        "interval": _("95% interval {interval}").format(interval=interval_text(share)),
        "zero": 0,
        "one": 1,
        "share": share.value,
        "low": low,
        "high": high,
        "middle": min(max((low + high) / 2, 0.3), 0.7),  # the text keeps within the chart
        "name_y": top + _NAME,
        "choices_y": top + _CHOICES,
        "bar_top": top + _BAR[0],
        "bar_bottom": top + _BAR[1],
        "line": top + _LINE,
        "line_top": top + _LINE - 5,
        "line_bottom": top + _LINE + 5,
        "figures_y": top + _FIGURES,
    }


def _bar(base: alt.Chart, down: alt.Scale, start: str, end: str, *, color: str) -> Any:
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], grid=False)
    x = alt.X(f"{start}:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, 1], nice=False))
    y = alt.Y("bar_top:Q", axis=None, scale=down)
    return base.mark_bar(**SILENT, color=color, stroke=BAR, strokeWidth=1.5).encode(
        x, alt.X2(f"{end}:Q"), y, alt.Y2("bar_bottom:Q")
    )


def _line(base: alt.Chart, down: alt.Scale, ends: tuple[str, str, str, str]) -> Any:
    x, y, x2, y2 = ends
    return base.mark_rule(**SILENT, color=INTERVAL, strokeWidth=2).encode(
        alt.X(f"{x}:Q"), alt.X2(f"{x2}:Q"), alt.Y(f"{y}:Q", axis=None, scale=down), alt.Y2(f"{y2}:Q")
    )


def _text(base: alt.Chart, down: alt.Scale, x: str, y: str, field: str, options: dict[str, Any]) -> Any:
    return base.mark_text(**SILENT, baseline="alphabetic", fontSize=13, **options).encode(
        alt.X(f"{x}:Q"), alt.Y(f"{y}:Q", axis=None, scale=down), text=f"{field}:N"
    )
