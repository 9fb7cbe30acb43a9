"""The responses as a CSV that spreadsheets open without running anything of it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import fields

from recsys.survey.responses import Response

COLUMNS = tuple(field.name for field in fields(Response))

# A cell that begins so may be run as a formula; the last four are the full-width forms, which some take for the others.
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def responses_csv(responses: Iterable[Response]) -> str:
    """One row a response, with a heading; no row tells who answered or at what time."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows([defuse(str(getattr(response, column))) for column in COLUMNS] for response in responses)
    return text.getvalue()


def defuse(cell: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it; otherwise as it is."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA_STARTS) or cell[:1] in ("\t", "\r", "\n") else cell
