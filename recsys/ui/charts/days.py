"""Days, and how often something happened on each: in words, as a chart and as a table."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import altair as alt
import pandas as pd
from babel.dates import format_date, format_skeleton

from recsys.ui.charts.figures_table import figures_table
from recsys.ui.charts.style import BAR, SVG
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import language, number_text


def day_text(day: date) -> str:
    """A day, written in the visitor's language."""
    return str(format_date(day, format="medium", locale=language()))


def period_text(days: Mapping[date, int]) -> str:
    """From the first day to the last."""
    first, last = day_text(min(days)), day_text(max(days))
    return first if first == last else _("{first} to {last}").format(first=first, last=last)


def days_chart(days: Mapping[date, int], title: str, counted: str) -> Any:
    """Draw a bar for each day; `title` names the count per day, `counted` what is counted."""
    form = "MMMd" if len(days) < 365 else "yMMMd"  # so that no two labels are the same
    rows = [
        {"day": format_skeleton(form, day, locale=language()), "count": count, "text": day_text(day)}
        for day, count in days.items()
    ]
    x = alt.X("day:O", title=None, sort=None, axis=alt.Axis(labelOverlap=True, labelAngle=0))
    y_scale = alt.Scale(domain=[0, max(days.values())], nice=True)
    y = alt.Y("count:Q", title=title, scale=y_scale, axis=alt.Axis(tickMinStep=1, format="d"))
    tooltip = [alt.Tooltip("text:N", title=_("Day")), alt.Tooltip("count:Q", title=counted)]
    width = 0.8 * min(1, len(days) / 7)  # a single day is no wider than a day of a week
    bars = alt.Chart(pd.DataFrame(rows)).mark_bar(color=BAR, width={"band": width})
    return bars.encode(x, y, tooltip=tooltip).properties(height=220, **SVG)


def days_description(days: Mapping[date, int], title: str) -> str:
    """What the chart shows, for people who cannot see it."""
    busiest = max(days, key=lambda day: days[day])
    text = _("{title}; most on {day}: {count}.")
    return text.format(title=title, day=day_text(busiest), count=number_text(days[busiest]))


def days_table(days: Mapping[date, int], caption: str, counted: str) -> str:
    """The days with a count, as an HTML table."""
    rows = [(day_text(day), [number_text(count)]) for day, count in days.items() if count]
    return figures_table(caption, [_("Day"), counted], rows)
