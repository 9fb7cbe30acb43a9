"""The responses as a CSV that spreadsheets open without running anything of it."""

import csv
import io
import re
from collections.abc import Iterable

from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response

# Where a cell may begin, whatever the reader takes for the separator, followed by what may be run as a formula: the
# last four are the full-width forms, which some take for the others.
_FORMULA_START = re.compile(r"(^|[,;|\t\r\n])(?=[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def responses_csv(responses: Iterable[Response], *, separator: str = ",") -> str:
    """One row per response, below a heading; no row tells who answered or at what time.

    Spreadsheets take the separator of the machine's regional settings: `;` where numbers have a decimal comma.
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
    """The text with an apostrophe wherever a spreadsheet would begin a formula; otherwise as it is."""
    return _FORMULA_START.sub(r"\1'", text)
