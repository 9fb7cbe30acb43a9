"""The poll's charts: each question's shares beside the study's, and the answers over time.

Nothing hangs on colour: the first choice is a filled bar and the second an outlined one, and every figure is written.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import altair as alt
import pandas as pd
from babel.dates import format_date

from recsys.survey.summary import QuestionSummary, Share
from recsys.ui.survey_texts import choice_texts, day_text, interval_text, named_shares
from recsys.ui.translations import gettext as _
from recsys.ui.translations import language

# These stand out from both the light and the dark background; the texts' colours are in the style sheet.
_FIRST, _SECOND, _INTERVAL = "#0f7f6e", "transparent", "#808a86"

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
        _bar(base, down, "zero", "share", color=_FIRST),
        _bar(base, down, "share", "one", color=_SECOND),
        *(_line(base, down, ends) for ends in lines),
        *(_text(base, down, x, y, field, options) for x, y, field, options in texts),
    ).properties(height=height, **_SVG)


def days_chart(days: Mapping[date, int]) -> Any:
    """Draw how many answers came on each day."""
    form = "d MMM" if len(days) < 365 else "d MMM yy"  # so that no two are the same
    rows = [
        {"day": format_date(day, form, locale=language()), "count": count, "text": day_text(day)}
        for day, count in days.items()
    ]
    x = alt.X("day:O", title=None, sort=None, axis=alt.Axis(labelOverlap=True, labelAngle=0))
    y_scale = alt.Scale(domain=[0, max(days.values())], nice=True)
    y = alt.Y("count:Q", title=_("Answers a day"), scale=y_scale, axis=alt.Axis(tickMinStep=1, format="d"))
    tooltip = [alt.Tooltip("text:N", title=_("Day")), alt.Tooltip("count:Q", title=_("Answers"))]
    width = 0.8 * min(1, len(days) / 7)  # a single day is no wider than one of a week
    bars = alt.Chart(pd.DataFrame(rows)).mark_bar(color=_FIRST, width={"band": width})
    return bars.encode(x, y, tooltip=tooltip).properties(height=220, **_SVG)


_SILENT: dict[str, Any] = {"aria": False}  # screen readers read the chart's description, and the table below it
_SVG: dict[str, Any] = {"usermeta": {"embedOptions": {"renderer": "svg"}}}


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
    return base.mark_bar(**_SILENT, color=color, stroke=_FIRST, strokeWidth=1.5).encode(
        x, alt.X2(f"{end}:Q"), y, alt.Y2("bar_bottom:Q")
    )


def _line(base: alt.Chart, down: alt.Scale, ends: tuple[str, str, str, str]) -> Any:
    x, y, x2, y2 = ends
    return base.mark_rule(**_SILENT, color=_INTERVAL, strokeWidth=2).encode(
        alt.X(f"{x}:Q"), alt.X2(f"{x2}:Q"), alt.Y(f"{y}:Q", axis=None, scale=down), alt.Y2(f"{y2}:Q")
    )


def _text(base: alt.Chart, down: alt.Scale, x: str, y: str, field: str, options: dict[str, Any]) -> Any:
    return base.mark_text(**_SILENT, baseline="alphabetic", fontSize=13, **options).encode(
        alt.X(f"{x}:Q"), alt.Y(f"{y}:Q", axis=None, scale=down), text=f"{field}:N"
    )
