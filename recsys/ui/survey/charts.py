"""The poll's charts: each question's shares beside the study's.

Nothing hangs on colour: the first choice is a filled bar and the second an outlined one, and every figure is written.
"""

from typing import Any

import altair as alt

from recsys.survey.summary import QuestionSummary, Share
from recsys.ui.charts.row_charts import PERCENTAGES, SHARES, RowChart
from recsys.ui.charts.style import SVG
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.survey.texts import choice_texts, interval_text, named_shares

_SECOND = "transparent"

# What a row consists of, from its top, in pixels: name, choices, bar, interval, the interval's figures.
_ROW, _NAME, _CHOICES, _BAR, _LINE, _FIGURES = 104, 14, 34, (40, 62), 71, 90


def question_chart(result: QuestionSummary) -> Any:
    """Draw a question's bar of 100% with its 95% interval, above the study's; without answers only the study's."""
    rows = named_shares(result)
    height = _ROW * len(rows)
    chart = RowChart([_fields(result, *row, number * _ROW) for number, row in enumerate(rows)], height)
    sides = ("bar_top", "bar_bottom")
    return alt.layer(
        chart.bar(_x("zero"), "share", sides),
        chart.bar(_x("share"), "one", sides, color=_SECOND),
        chart.line("low", "line", "high", "line"),
        *(chart.line(end, "line_top", end, "line_bottom") for end in ("low", "high")),
        chart.text("zero", "name_y", "name", align="left", fontWeight="bold"),
        chart.text("zero", "choices_y", "first", align="left"),
        chart.text("one", "choices_y", "second", align="right"),
        chart.text("middle", "figures_y", "interval", align="center"),
    ).properties(height=height, **SVG)


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", title=None, axis=PERCENTAGES, scale=SHARES)


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
