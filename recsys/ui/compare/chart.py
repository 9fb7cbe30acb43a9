"""The chart of quality against speed: one mark per backbone, with its number in the table and its interval."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from embeddings.models.backbones import BACKBONES
from recsys.evaluation.records import KeptEvaluation
from recsys.evaluation.runs import Evaluation
from recsys.search.rankings import STUDY_RANKING, setting_label
from recsys.ui.charts.style import BAR, INTERVAL, SILENT, SVG, labels
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text, number_text
from recsys.ui.results.query_panel import milliseconds_text

QUALITY_NAMES = {"hit@1": "hit@1", "hit@5": "hit@5", "map": "mAP"}

# These stand out from a light and a dark background, and white digits stand out from them.
_STUDY_COLOUR, _OTHER_COLOUR, _NUMBER_COLOUR = "#a8620f", BAR, "#ffffff"
_TICKS = [tick * power for power in (1, 10, 100, 1000) for tick in (1, 1.5, 2, 3, 5, 7)]


def quality_chart(measured: Sequence[KeptEvaluation], group: str, metric: str) -> Any:
    """Draw a numbered mark for each evaluation, as an altair chart; further left is faster, higher is better."""
    rows = [{"number": number, **_row(record, group, metric)} for number, record in enumerate(measured, 1)]
    x_domain = [min(row["encode_ms"] for row in rows) / 1.3, max(row["encode_ms"] for row in rows) * 1.3]
    y_domain = [min(row["low"] for row in rows), max(row["high"] for row in rows)]
    title = _("Time to encode a photo, median (ms, logarithmic)")
    x = alt.X("encode_ms:Q", title=title, scale=alt.Scale(type="log", domain=x_domain, nice=False))
    y = alt.Y("quality:Q", title=_quality_title(metric), scale=alt.Scale(domain=y_domain, nice=True, zero=False))
    written = labels(",~g")
    base = alt.Chart(pd.DataFrame(rows)).encode(x.axis(values=_TICKS, labelExpr=written), y.axis(labelExpr=written))
    intervals = base.mark_rule(**SILENT, color=INTERVAL, strokeWidth=1.5).encode(alt.Y("low:Q"), alt.Y2("high:Q"))
    numbers = base.mark_text(**SILENT, fontSize=11, fontWeight="bold", color=_NUMBER_COLOUR)
    return alt.layer(
        intervals,
        _marks(base, metric, [row["kind"] for row in rows]),
        numbers.encode(alt.Text("number:N")),
        height=400,
        description=_("Quality against speed, one mark per backbone. The table below has the same figures."),
        **SVG,
    )


def _marks(base: alt.Chart, metric: str, present: Sequence[str]) -> Any:
    """The marks; the study's eight have another shape, not only another colour."""
    kinds = [_("One of the study's eight"), _("Not in the study")]
    legend = alt.Legend(title=None, orient="top", values=[kind for kind in kinds if kind in present])
    return base.mark_point(filled=True, size=330, opacity=1).encode(
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=["circle", "square"]), legend=legend),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[_STUDY_COLOUR, _OTHER_COLOUR]), legend=legend),
        tooltip=[
            alt.Tooltip("name:N", title=_("Backbone")),
            alt.Tooltip("quality_text:N", title=QUALITY_NAMES[metric]),
            alt.Tooltip("speed_text:N", title=_("Encode, median (ms)")),
        ],
    )


def setting_text(evaluation: Evaluation) -> str:
    """The name of the backbone, with the ranking if it is not the study's."""
    if evaluation.ranking == STUDY_RANKING.name:
        return evaluation.backbone
    return message_text(setting_label(evaluation.backbone, evaluation.ranking))


def _row(record: KeptEvaluation, group: str, metric: str) -> dict[str, Any]:
    evaluation = record.evaluation
    quality = evaluation.groups[group]
    low, high = quality.ci95[metric]
    backbone = BACKBONES.get(evaluation.backbone)
    return {
        "name": setting_text(evaluation),
        "kind": _("One of the study's eight") if backbone and backbone.in_study else _("Not in the study"),
        "encode_ms": evaluation.encode_ms.p50,
        "quality": quality.means[metric],
        "low": low,
        "high": high,
        "quality_text": number_text(quality.means[metric], digits=3),
        "speed_text": milliseconds_text(evaluation.encode_ms.p50),
    }


def _quality_title(metric: str) -> str:
    if metric == "map":
        return _("mAP (from 0 to 1)")
    return _("{metric} (share of the photos)").format(metric=QUALITY_NAMES[metric])
