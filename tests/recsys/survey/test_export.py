import csv
import io
from datetime import date

import pytest

from recsys.survey.export import defuse, responses_csv
from recsys.survey.responses import Response


def response(remark: str) -> Response:
    return Response(date(2026, 11, 20), "text", "no", "yes", "no", "yes", remark)


@pytest.mark.parametrize(
    "remark",
    [
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
    ],
)
def test_what_a_spreadsheet_would_run_is_defused(remark: str) -> None:
    assert defuse(remark) == f"'{remark}"


@pytest.mark.parametrize("remark", ["", "Good = fast", "1+1", 'He said "no", and left', "a\n=b", "Cepat, mudah"])
def test_other_texts_stay_as_they_are(remark: str) -> None:
    assert defuse(remark) == remark


def test_each_response_is_a_row_that_a_csv_reader_gives_back() -> None:
    remarks = ['say "cheese", please\nor not', "=1+1", "", "Bagus 👍"]
    rows = list(csv.DictReader(io.StringIO(responses_csv(map(response, remarks)))))
    assert [row.pop("remark") for row in rows] == ['say "cheese", please\nor not', "'=1+1", "", "Bagus 👍"]
    assert (
        rows
        == [
            {
                "day": "2026-11-20",
                "preference": "text",
                "easier": "no",
                "intuitive": "yes",
                "faster": "no",
                "coming_back": "yes",
            }
        ]
        * 4
    )


def test_without_responses_there_is_a_heading() -> None:
    assert responses_csv([]) == "day,preference,easier,intuitive,faster,coming_back,remark\r\n"
