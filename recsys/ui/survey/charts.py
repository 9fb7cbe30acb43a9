"""The poll's charts: each question's shares next to the study's.

Nothing depends on colour: the first choice is a filled bar, the second an outlined one, and every figure is written
out.
"""

from typing import Any

import altair as alt

from recsys.survey.summary import QuestionSummary, Share
from recsys.ui.charts.row_charts import bars, intervals, rows_chart, share_x, texts
from recsys.ui.charts.style import SVG
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.survey.texts import choice_texts, interval_text, named_shares

_ROW = 108  # pixels from its top: name, choices, bar, interval, the interval's figures


def question_chart(result: QuestionSummary) -> Any:
    """Draw a question's bar of 100% with its 95% interval, above the study's; without answers, only the study's."""
    base = rows_chart([_fields(result, *row) for row in named_shares(result)], name_offset=-42)
    return alt.layer(
        bars(base, share_x("share"), alt.X2(datum=0), height=22),
        bars(base, share_x("share"), alt.X2(datum=1), height=22, filled=False),
        intervals(base, y=_ROW // 2 + 21),
        texts(base, "first", alt.XValue(0), y=-22, align="left"),
        texts(base, "second", alt.XValue("width"), y=-22, align="right"),
        texts(base, "interval", share_x("middle"), y=37, align="center"),
        height=alt.Step(_ROW),
        **SVG,
    )


def _fields(result: QuestionSummary, name: str, share: Share) -> dict[str, Any]:
    first, second = choice_texts(result, share)
    low, high = share.interval
    return {
        "name": name,
        "first": first,
        "second": second,
        "interval": _("95% interval {interval}").format(interval=interval_text(share)),
        "share": share.value,
        "low": low,
        "high": high,
        "middle": min(max((low + high) / 2, 0.3), 0.7),  # keeps the text within the chart
    }
