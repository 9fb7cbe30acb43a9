"""The responses as a CSV in which spreadsheets run nothing."""

import csv
import io
import re
from collections.abc import Iterable

from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response

# Where a cell may start, whatever separator the reader assumes, followed by what may start a formula: the last four are
# full-width forms, which some programs treat like the others.
_FORMULA_START = re.compile(r"(^|[,;|\t\r\n])(?=[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def responses_csv(responses: Iterable[Response], *, separator: str = ",") -> str:
    """One row per response, below a heading; no row reveals who answered or at what time.

    Spreadsheets expect the separator of the computer's regional settings: `;` with decimal commas.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, delimiter=separator)
    keys = [question.key for question in QUESTIONS]
    rows.writerow(["day", *keys, "remark"])
    rows.writerows(
        [response.day, *(response.answers.get(key, "") for key in keys), defuse(response.remark)]
        for response in responses
    )
    return text.getvalue()


def defuse(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would start a formula; otherwise unchanged."""
    return _FORMULA_START.sub(r"\1'", text)
