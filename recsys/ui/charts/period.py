"""The choice of the days that figures cover."""

from datetime import date, timedelta

import streamlit as st
from babel.dates import get_date_format

from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import language


def choose_period(page: str) -> tuple[date | None, date | None]:
    """Draw the choice on a page; return the first and the last day, None for no limit."""
    names = {"all": _("All"), "week": _("7 days"), "month": _("30 days"), "own": _("Choose")}
    with st.container(key=f"{page}_period", horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            _("Period"),
            list(names),
            default="all",
            required=True,
            format_func=lambda name: names[name],
            key=f"{page}_period_name",
            persist_state="session",
        )
        today = date.today()
        if chosen == "own":
            starts_with_month = get_date_format("short", locale=language()).pattern.startswith("M")
            days = st.date_input(
                _("Days"),
                (today - timedelta(6), today),
                max_value=today,
                key=f"{page}_days",
                format="MM/DD/YYYY" if starts_with_month else "DD/MM/YYYY",
                width=260,
            )
            return (days[0], days[-1]) if days else (None, None)
    length = {"week": 7, "month": 30}.get(str(chosen))
    return (today - timedelta(length - 1), None) if length else (None, None)
