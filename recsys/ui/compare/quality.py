"""Measured quality: each backbone's retrieval quality against its speed, as a chart and a table."""

import logging
from collections.abc import Sequence

import streamlit as st
from babel.dates import format_date

from embeddings.models.backbones import STUDY_CHOICE
from recsys.catalogue.products import Catalogue
from recsys.evaluation.records import (
    DataSet,
    EvaluationRecords,
    KeptEvaluation,
    catalogue_sha256,
    read_evaluations,
)
from recsys.settings import Settings
from recsys.ui.compare.chart import QUALITY_NAMES, quality_chart, setting_text
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import language, ngettext, number_text
from recsys.ui.products.cards import rendered
from recsys.ui.results.query_panel import milliseconds_text
from recsys.ui.shell.failures import show_reason
from recsys.ui.shell.stakeholders import is_administrator

_log = logging.getLogger(__name__)


@st.fragment  # choosing another metric redraws this part only, not the matches
def measured_quality(settings: Settings, catalogue: Catalogue, ready: Sequence[str]) -> None:
    """Draw the saved evaluations; `ready` are the names of the backbones that can be evaluated now."""
    records = read_evaluations(settings.records)
    st.header(_("Measured quality and speed"), anchor=False)
    _note_damaged(settings, records)
    if not records.kept:
        st.write(
            _(
                "Nothing has been measured yet. Administrators can measure with photos of known products which "
                "backbone finds them best."
            )
        )
        return
    data_set, group, metric = _choices(records, catalogue)
    measured = [record for record in records.latest(data_set) if group in record.evaluation.groups]
    measured.sort(key=lambda record: -record.evaluation.groups[group].means[metric])
    chart, verdict = st.columns([5, 2], gap="medium")
    with chart, st.container(key="compare_chart"):
        st.altair_chart(quality_chart(measured, group, metric))
        st.caption(
            _("Further left is faster, higher is better. Lines are 95% confidence intervals.")
            + " "
            + _("Numbers refer to the table below.")
        )
    with verdict, st.container(key="compare_verdict"):
        _draw_verdict(measured, group, metric)
    st.html(_table(measured, group))
    unmeasured = [name for name in ready if name not in {record.evaluation.backbone for record in measured}]
    if unmeasured:
        st.caption(_("Ready, but not measured on these photos yet: {names}.").format(names=", ".join(unmeasured)))


def _choices(records: EvaluationRecords, catalogue: Catalogue) -> tuple[DataSet, str, str]:
    """Draw the widgets; return the chosen data set, group of photos and metric."""
    data_sets = records.data_sets()
    current = catalogue_sha256(catalogue)
    data_sets.sort(key=lambda data_set: data_set.catalogue_sha256 != current)
    with st.container(key="compare_choices", horizontal=True, vertical_alignment="bottom"):
        data_set = data_sets[0]
        if len(data_sets) > 1:
            data_set = st.selectbox(
                _("Labelled photos"),
                data_sets,
                format_func=lambda choice: _data_set_name(choice, data_sets),
                key="compare_data_set",
                width=360,
                persist_state="session",
            )
        groups = list(dict.fromkeys(name for record in records.latest(data_set) for name in record.evaluation.groups))
        group = "all"
        if len(groups) > 1:
            group = st.selectbox(
                _("Kind of photo"),
                groups,
                format_func=lambda name: _("All") if name == "all" else name,
                key=f"compare_group_{data_set.queries_sha256[:8]}",
                width=220,
                persist_state="session",
            )
        metric = st.segmented_control(
            _("Quality"),
            list(QUALITY_NAMES),
            default="hit@1",
            required=True,
            format_func=lambda name: QUALITY_NAMES[name],
            key="compare_metric",
            persist_state="session",
        )
    if data_set.catalogue_sha256 != current:
        st.caption(_("Measured with an earlier version of the catalogue: its products or pictures have changed since."))
    return data_set, group, metric


def _data_set_name(data_set: DataSet, data_sets: Sequence[DataSet]) -> str:
    """The queries' file name and the number of products; with a part of its hash if that is not unique."""
    names = [_name_of(other) for other in data_sets]
    name = _name_of(data_set)
    if names.count(name) == 1:
        return name
    return f"{name} ({data_set.queries_sha256[:4]}-{data_set.catalogue_sha256[:4]})"


def _name_of(data_set: DataSet) -> str:
    products = ngettext("{number} product", "{number} products", data_set.num_products)
    if data_set.num_distractors:
        others = ngettext("{number} from another shop", "{number} from another shop", data_set.num_distractors)
        products = _("{products} and {others}").format(products=products, others=others)
    return _("{queries}, {products}").format(queries=data_set.queries, products=products)


def _draw_verdict(measured: Sequence[KeptEvaluation], group: str, metric: str) -> None:
    """Say what the study chose and how, and what these figures show."""
    st.markdown("**" + _("The study's verdict") + "**")
    st.write(
        _(
            "The study of 2023 chose {backbone}. It judged by eye: its authors looked at the five matches of each "
            "of the eight backbones, as in the rows above, and measured no figures like these."
        ).format(backbone=STUDY_CHOICE.name)
    )
    st.markdown("**" + _("Results for these photos") + "**")
    best = measured[0].evaluation
    fastest = min(measured, key=lambda record: record.evaluation.encode_ms.p50).evaluation
    st.write(
        _("Best by {metric}: {best}, {quality}. Fastest: {fastest}, {speed} ms.").format(
            metric=QUALITY_NAMES[metric],
            best=escape(setting_text(best)),
            quality=number_text(best.groups[group].means[metric], digits=3),
            fastest=escape(setting_text(fastest)),
            speed=milliseconds_text(fastest.encode_ms.p50),
        )
    )
    names = list(dict.fromkeys(record.evaluation.backbone for record in measured))
    if STUDY_CHOICE.name in names:
        st.write(
            _("{backbone} ranks {place} of {total}.").format(
                backbone=STUDY_CHOICE.name, place=names.index(STUDY_CHOICE.name) + 1, total=len(names)
            )
        )
    else:
        st.write(_("{backbone} has not been measured on them yet.").format(backbone=STUDY_CHOICE.name))


def _table(measured: Sequence[KeptEvaluation], group: str) -> str:
    return rendered(
        "compare_table.html",
        caption=_("The figures behind the chart, with 95% intervals"),
        headings=[
            _("Backbone"),
            *QUALITY_NAMES.values(),
            _("Encode, median (ms)"),
            _("Encode, 95% within (ms)"),
            _("Photos"),
            _("Measured on"),
        ],
        rows=[_row(number, record, group) for number, record in enumerate(measured, 1)],
    )


def _row(number: int, record: KeptEvaluation, group: str) -> dict[str, object]:
    quality, encode_ms = record.evaluation.groups[group], record.evaluation.encode_ms
    figures = [
        {
            "value": number_text(quality.means[metric], digits=3),
            "detail": ", ".join(number_text(limit, digits=2) for limit in quality.ci95[metric]),
        }
        for metric in QUALITY_NAMES
    ]
    others = [
        milliseconds_text(encode_ms.p50),
        milliseconds_text(encode_ms.p95),
        number_text(quality.num_queries),
        format_date(record.recorded_at, format="medium", locale=language()),
    ]
    name = f"{number}. {setting_text(record.evaluation)}"
    return {"name": name, "figures": figures + [{"value": text, "detail": ""} for text in others]}


def _note_damaged(settings: Settings, records: EvaluationRecords) -> None:
    """Say how many measurements are left out, and to administrators which."""
    if records.damaged:
        files = "; ".join(f"{damaged.path.name} ({damaged.reason})" for damaged in records.damaged)
        _log.warning("Saved measurements cannot be read: %s", files)
        message = ngettext(
            "{number} saved measurement cannot be read and is left out.",
            "{number} saved measurements cannot be read and are left out.",
            len(records.damaged),
        )
        st.warning(message, icon=":material/info:")
        show_reason(files if is_administrator(settings) else "")
