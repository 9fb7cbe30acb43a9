import csv
import io
from datetime import date
from itertools import product

import pytest

from recsys.survey.answer_export import defuse, responses_csv
from recsys.survey.responses import Response
from tests.recsys.survey.answers import answers

ANSWERS = answers(easier="no", faster="no")
FORMULA_SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def response(remark: str) -> Response:
    return Response(date(2026, 11, 20), ANSWERS, remark)


FORMULAS = [
    "=1+1",
    "+62 812 000",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://x";"y")',
    "\t=1",
    "\r=1",
    "  =1",
    "\n=cmd|' /C calc'!A0",
    "\uff1d1+1",
    "\u00a0=1",
    "good;=1+1",
    'good;"=1+1"',
    "good, @SUM(A1)",
    "good\t-1",
    "good|+1",
    "a\n=b",
    ";;=1;=2",
]


@pytest.mark.parametrize("remark", FORMULAS)
def test_no_cell_begins_a_formula_whatever_a_reader_takes_for_the_separator(remark: str) -> None:
    for written_by, read_by, quoting in product(",;", ",;\t|", (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)):
        text = io.StringIO(responses_csv([response(remark)], separator=written_by), newline="")
        cells = [cell for row in csv.reader(text, delimiter=read_by, quoting=quoting) for cell in row]
        assert not [cell for cell in cells if cell.lstrip('" \t\r\n\u00a0').startswith(FORMULA_SIGNS)]


@pytest.mark.parametrize(
    "remark", ["", "Good = fast", "1+1", 'He said "no", and left', "a\nb", "Cepat, mudah; murah :-)"]
)
def test_other_texts_stay_as_they_are(remark: str) -> None:
    assert defuse(remark) == remark


def test_semicolons_separate_the_columns_on_request() -> None:
    rows = csv.reader(io.StringIO(responses_csv([response("Cepat, mudah; murah")], separator=";")), delimiter=";")
    assert list(rows)[1] == ["2026-11-20", *ANSWERS.values(), "Cepat, mudah; murah"]


def test_each_response_is_a_row_that_a_csv_reader_gives_back() -> None:
    remarks = ['say "cheese", please\nor not', "=1+1", "", "Bagus 👍"]
    rows = list(csv.DictReader(io.StringIO(responses_csv(map(response, remarks)))))
    assert [row.pop("remark") for row in rows] == ['say "cheese", please\nor not', "'=1+1", "", "Bagus 👍"]
    assert rows == [{"day": "2026-11-20", **ANSWERS}] * 4


def test_without_responses_there_is_a_heading() -> None:
    assert responses_csv([]) == ",".join(["day", *ANSWERS, "remark\r\n"])
