"""Usage for stakeholders: each figure as a chart, with a table below."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from recsys.database.database import Database
from recsys.feedback.sources import Source
from recsys.feedback.usage_summary import Figures, Method, Usage, read_searches, summarise_usage
from recsys.num_matches import NUM_MATCHES
from recsys.search.rankings import setting_label
from recsys.survey.summary import MIN_RELIABLE_COUNT, Share
from recsys.ui.charts.days import days_chart, days_description, days_table, period_text
from recsys.ui.charts.figures_table import figures_table
from recsys.ui.charts.period import choose_period
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text, ngettext, number_text, percent_text
from recsys.ui.products.cards import rendered
from recsys.ui.results.query_panel import milliseconds_text
from recsys.ui.survey.texts import count_text, interval_text
from recsys.ui.usage.charts import Bar, NamedShare, bars_chart, is_few, shares_chart

LabelledFigures = tuple[str, Figures]


def usage_report(database: Database) -> None:
    """Draw the choice of a period and its usage. Raises RecordsError."""
    st.caption(
        _(
            "For each search we record the day, the backbone, how the photo came in, how long it took, the products "
            "found and how they were rated. We never record the photo, the words, who searched or the time of day."
        )
    )
    since, until = choose_period("stakeholders")
    with database.reading() as session:
        usage = summarise_usage(read_searches(session, since, until))
    if usage.all.num_searches:
        _draw_figures(usage)
        _draw_charts(usage)
    else:
        st.info(_("No searches in this period."), icon=":material/info:")


def _draw_figures(usage: Usage) -> None:
    """Draw the four main figures."""
    everything = usage.all
    figures = [
        (_("Searches"), number_text(everything.num_searches), period_text(usage.days)),
        (_("Median search time"), _milliseconds(everything), _("encoding the photo and comparing")),
        (_("Searches with “This is it”"), *_share_and_interval(everything.found)),
        (_("Rated matches that are similar"), *_share_and_interval(everything.precision)),
    ]
    names = ("name", "value", "detail")
    st.html(rendered("usage_figures.html", figures=[dict(zip(names, figure, strict=True)) for figure in figures]))


def _draw_charts(usage: Usage) -> None:
    """Draw every chart with its table."""
    methods, sources = _methods(usage.by_method), _sources(usage.by_source)
    with st.container(key="usage_charts"):
        with _section("days", title := _("Searches per day")):
            st.altair_chart(days_chart(usage.days, title, _("Searches")), alt=days_description(usage.days, title))
            st.html(days_table(usage.days, _figures_of(title), _("Searches")))
        with _section("precision", title := _("Rated similar, among the first {number}").format(number=NUM_MATCHES)):
            _draw_precision(title, methods)
        with _section("methods", title := _("Searches by backbone")):
            _draw_counts(title, _("Backbone"), methods, usage.all.num_searches)
        with _section("times", title := _("Search time")):
            _draw_times(title, methods)
        with _section("sources", title := _("Searches by source")):
            _draw_counts(title, _("Searched with"), sources, usage.all.num_searches)
        if usage.all.found.total:
            with _section("found", _("Successful searches")):
                _draw_found(*([row for row in rows if row[1].found.total] for rows in (methods, sources)))


def _section(name: str, title: str) -> Any:
    section = st.container(border=True, key=f"usage_section_{name}")
    section.header(title, anchor=False)
    return section


def _draw_counts(title: str, heading: str, rows: Sequence[LabelledFigures], total: int) -> None:
    texts = [(row, count_text(figures.num_searches, total)) for row, figures in rows]
    bars = [Bar(row, figures.num_searches, count_text(figures.num_searches, total)) for row, figures in rows]
    st.altair_chart(bars_chart(bars), alt=_described(texts))
    cells = [
        (row, [number_text(figures.num_searches), percent_text(figures.num_searches / total)]) for row, figures in rows
    ]
    st.html(figures_table(_figures_of(title), [heading, _("Searches"), _("Share of searches")], cells))


def _draw_times(title: str, rows: Sequence[LabelledFigures]) -> None:
    texts = [(row, _milliseconds(figures)) for row, figures in rows]
    bars = [Bar(row, figures.median_ms or 0, _milliseconds(figures)) for row, figures in rows]
    st.altair_chart(bars_chart(bars), alt=_described(texts))
    st.caption(_("Medians on this machine, including encoding the photo."))
    cells = [(row, [_milliseconds(figures), number_text(figures.num_searches)]) for row, figures in rows]
    st.html(figures_table(_figures_of(title), [_("Backbone"), _("Median"), _("Searches")], cells))


def _draw_precision(title: str, rows: Sequence[LabelledFigures]) -> None:
    judged = [(row, figures) for row, figures in rows if figures.precision.total]
    if not judged:
        st.write(_("No ratings in this period. People rate matches with the thumbs on the search page."))
        return
    _draw_shares(judged, lambda figures: figures.precision)
    num_searches = sum(figures.num_judged_searches for _row, figures in judged)
    st.caption(
        ngettext(
            "Precision@{count}, based on {number} search with ratings.",
            "Precision@{count}, based on {number} searches with ratings.",
            num_searches,
            count=NUM_MATCHES,
        )
        + " "
        + _(
            "The interval treats each rating as independent, so a few people who "
            "rate a lot make it look more certain than it is."
        )
    )
    cells = _share_cells(judged, lambda figures: figures.precision)
    headings = [_("Backbone"), _("Rated"), _("Similar"), _("95% interval")]
    st.html(figures_table(_figures_of(title), headings, cells))


def _draw_found(methods: Sequence[LabelledFigures], sources: Sequence[LabelledFigures]) -> None:
    _draw_shares(methods, lambda figures: figures.found)
    st.caption(
        _("A search by photo or by words counts as successful when someone pressed “This is it”. Not everyone does.")
    )
    by_method, by_source = _("“This is it” by backbone"), _("“This is it” by source")
    for caption, heading, rows in ((by_method, _("Backbone"), methods), (by_source, _("Searched with"), sources)):
        cells = _share_cells(rows, lambda figures: figures.found)
        headings = [heading, _("Searches"), _("“This is it”"), _("95% interval")]
        st.html(figures_table(caption, headings, cells))


def _share_cells(rows: Iterable[LabelledFigures], share_of: Callable[[Figures], Share]) -> list[tuple[str, list[str]]]:
    """The rows of a table of shares: the total, the count and its share, the interval."""
    shares = [(row, share_of(figures)) for row, figures in rows]
    return [
        (row, [_few(number_text(share.total), share), count_text(share.count, share.total), interval_text(share)])
        for row, share in shares
    ]


def _draw_shares(rows: Iterable[LabelledFigures], share_of: Callable[[Figures], Share]) -> None:
    shares = [(row, share_of(figures)) for row, figures in rows]
    figures = [NamedShare(row, share, _few(_share_of_total(share), share)) for row, share in shares]
    chart = shares_chart(figures)
    texts = [(row, f"{_share_of_total(share)}, {interval_text(share)}") for row, share in shares]
    st.altair_chart(chart, alt=_described(texts))
    if any(is_few(share) for _row, share in shares):
        st.caption(_("Hollow marks: fewer than {number}, too few to be reliable.").format(number=MIN_RELIABLE_COUNT))


def _methods(figures: Mapping[Method, Figures]) -> list[LabelledFigures]:
    """Each method's name with its figures; rankings are named if there are several."""
    rankings = {method.ranking for method in figures if method.backbone is not None}
    return [(_method_text(method, with_ranking=len(rankings) > 1), one) for method, one in figures.items()]


def _method_text(method: Method, *, with_ranking: bool) -> str:
    if method.backbone is None:
        return _("Search by words")
    if not with_ranking or method.ranking is None:
        return method.backbone
    return message_text(setting_label(method.backbone, method.ranking))


def _sources(figures: Mapping[str, Figures]) -> list[LabelledFigures]:
    names = {
        Source.UPLOAD: _("File"),
        Source.CAMERA: _("Camera"),
        Source.PASTE: _("Clipboard"),
        Source.SAMPLE: _("Sample photo"),
        Source.PRODUCT: _("Product of the catalogue"),
        Source.TEXT: _("Words"),
    }
    return [(names[Source(source)], one) for source, one in figures.items()]


def _figures_of(title: str) -> str:
    return _("{title}: the figures of the chart").format(title=title)


def _described(texts: Iterable[tuple[str, str]]) -> str:
    """What a chart shows, for people who cannot see it."""
    return " ".join(f"{name}: {text}." for name, text in texts)


def _milliseconds(figures: Figures) -> str:
    return _("{number} ms").format(number=milliseconds_text(figures.median_ms or 0))


def _share_of_total(share: Share) -> str:
    return _("{percent} of {number}").format(percent=percent_text(share.value or 0), number=number_text(share.total))


def _few(text: str, share: Share) -> str:
    return _("{text} (few)").format(text=text) if is_few(share) else text


def _share_and_interval(share: Share) -> tuple[str, str]:
    if share.value is None:
        return "\N{EN DASH}", _("no ratings yet")
    interval = _("of {number}; 95% interval {interval}")
    total = _few(number_text(share.total), share)
    return percent_text(share.value), interval.format(number=total, interval=interval_text(share))
