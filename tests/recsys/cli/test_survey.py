"""The poll on the command line: the same figures as everywhere, and invitations."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from recsys.database.database import open_database
from recsys.database.engines import records_address
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.responses import read_responses
from recsys.survey.summary import summarise, summary_json
from tests.command_line import recsys
from tests.new_records import new_records
from tests.recsys.survey.answers import answers


@pytest.fixture
def polled(tmp_path: Path) -> Path:
    """A data home with a poll that four people answered, two on each of two days."""
    database = new_records(records_address(Settings(home=tmp_path)))
    for number, (preference, remark) in enumerate((("text", "=1+1"), ("image", "a"), ("image", "b"), ("image", ""))):
        with database.writing() as session:
            note_search(session, str(number))
        poll = Poll(database, "open", today=lambda day=20 + number // 2: date(2026, 11, day))
        poll.submit(Respondent(str(number)), answers(preference=preference, faster="no"), remark)
    return tmp_path


def test_the_summary_names_counts_intervals_and_the_study(polled: Path) -> None:
    result = recsys("survey", "summary", home=polled)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("4 responses, 2026-11-20 to 2026-11-21: few, so that the intervals are wide.\n")
    # scipy's Wilson interval of 1 of 4 and of 27 of 52; statsmodels' Newcombe interval of their difference
    assert "1 of 4, 25.0% [4.6%, 69.9%]" in result.stdout
    assert "27 of 52, 51.9% [38.7%, 64.9%]" in result.stdout
    assert "-26.9 points [-51.1, +19.9]" in result.stdout


def test_the_json_is_what_the_page_computes(polled: Path) -> None:
    content = json.loads(recsys("survey", "summary", "--json", home=polled).stdout)
    with open_database(records_address(Settings(home=polled))).reading() as session:
        expected = summary_json(summarise(read_responses(session)))
    assert content == {**json.loads(json.dumps(expected)), "invitations": {"total": 0, "used": 0}}
    assert content["num_responses"] == 4


def test_a_period_can_be_chosen(polled: Path) -> None:
    arguments = ("survey", "summary", "--since", "2026-11-21", "--until", "2026-11-21", "--json")
    assert json.loads(recsys(*arguments, home=polled).stdout)["days"] == {"2026-11-21": 2}


def test_an_empty_poll_has_a_summary(tmp_path: Path) -> None:
    result = recsys("survey", "summary", home=tmp_path)
    assert result.returncode == 0
    assert "this poll   no responses" in result.stdout


def test_the_export_has_a_row_for_each_response_and_no_formula(polled: Path, tmp_path: Path) -> None:
    result = recsys("survey", "export", "--out", tmp_path / "out.csv", home=polled)
    assert result.stdout == f"4 responses written to {tmp_path / 'out.csv'}.\n"
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["remark"] for row in rows) == ["", "'=1+1", "a", "b"]
    assert [row["day"] for row in rows] == ["2026-11-20"] * 2 + ["2026-11-21"] * 2


def test_invitations_are_made_and_the_mode_that_they_need_is_named(polled: Path, tmp_path: Path) -> None:
    arguments = ("survey", "invite", "--count", "52", "--out", tmp_path / "invites.csv", "--address", "http://shop")
    result = recsys(*arguments, home=polled)
    assert (result.returncode, result.stdout.split(" ")[:4]) == (0, ["52", "links", "to", "http://shop"])
    assert "RECSYS_SURVEY_MODE=invited" in result.stderr
    assert len((tmp_path / "invites.csv").read_text().splitlines()) == 53
    assert json.loads(recsys("survey", "summary", "--json", home=polled).stdout)["invitations"]["total"] == 52
    again = recsys(*arguments, home=polled, RECSYS_SURVEY_MODE="invited")
    assert again.returncode == 1
    assert again.stderr.startswith("Error: Expected a new file")


@pytest.mark.parametrize(
    "arguments", [("invite", "--count", "0", "--out", "x.csv"), ("invite",), ("export",), ("summary", "--since", "now")]
)
def test_wrong_usage_is_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert recsys("survey", *arguments, home=tmp_path).returncode == 2


def test_records_that_cannot_be_used_are_one_line_and_status_1(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "records.db").write_text("no database" * 100)
    result = recsys("survey", "summary", home=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: Expected a SQLite database at")
