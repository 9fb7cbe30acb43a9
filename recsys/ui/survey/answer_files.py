"""Poll data for stakeholders: remarks, the responses as a CSV, and each chart as a picture."""

from collections.abc import Sequence
from functools import partial
from textwrap import wrap
from typing import Any, Literal

import streamlit as st

from recsys.settings import Settings
from recsys.survey.answer_export import responses_csv
from recsys.survey.responses import Response
from recsys.ui.charts.chart_pictures import picture
from recsys.ui.charts.days import day_text
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.products.cards import rendered
from recsys.ui.shell.stakeholders import ask_for_key, is_stakeholder

_TITLE_LETTERS, _SUBTITLE_LETTERS = 64, 100  # letters that fit into a line of a picture
_FORMATS: dict[Literal["png", "svg"], str] = {"png": "image/png", "svg": "image/svg+xml"}


def remarks_and_downloads(settings: Settings, responses: Sequence[Response]) -> None:
    """Draw the remarks and the download of responses, or the question for the key that unlocks them."""
    st.header(_("Remarks and downloads"), anchor=False)
    if not is_stakeholder(settings):
        ask_for_key(settings, _("Enter the stakeholder key to read the remarks and download answers and charts."))
        return
    remarks = [{"day": day_text(response.day), "text": response.remark} for response in responses if response.remark]
    if remarks:
        st.html(rendered("survey_remarks.html", label=_("Remarks"), remarks=remarks))
    else:
        st.write(_("No remarks yet."))
    names = {",": _("Answers as CSV"), ";": _("Answers as CSV with semicolons")}
    with st.container(horizontal=True):
        for separator, name in names.items():
            st.download_button(
                name,
                # The byte order mark tells spreadsheets that it is UTF-8.
                partial(lambda chosen: responses_csv(responses, separator=chosen).encode("utf-8-sig"), separator),
                "survey.csv",
                "text/csv",
                key=f"survey_csv_{'commas' if separator == ',' else 'semicolons'}",
                icon=":material/download:",
                on_click="ignore",
                disabled=not responses,
            )
    st.caption(_("If one file opens with everything in a single column, use the other."))


def chart_downloads(name: str, chart: Any, title: str, subtitle: Sequence[str]) -> None:
    """Draw a download button per picture format of the altair chart; the picture is made on demand."""
    lines = [line for text in subtitle for line in wrap(text, _SUBTITLE_LETTERS)]
    with st.container(horizontal=True, key=f"survey_downloads_{name}"):
        for form, mime in _FORMATS.items():
            st.download_button(
                form.upper(),
                partial(picture, chart, form, title=wrap(title, _TITLE_LETTERS), subtitle=lines),
                f"survey-{name}.{form}",
                mime,
                key=f"survey_{form}_{name}",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )
