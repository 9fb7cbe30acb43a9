import os
import subprocess
import sys
from pathlib import Path

import pytest

from recsys.database.engines import records_address
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS, Question
from tests.new_records import new_records
from tests.recsys.survey.answers import ALL_FOR_IT, answers

VISITOR = "v" * 43
ROOT = Path(__file__).parents[3]


def test_a_sixth_question_is_one_entry_and_works_everywhere(tmp_path: Path) -> None:
    database = new_records(records_address(Settings(home=tmp_path)))
    for visitor in ("ana", VISITOR):
        with database.writing() as session:
            note_search(session, visitor)
    Poll(database, "open").submit(Respondent("ana"), ALL_FOR_IT)  # before there was a sixth question
    told = subprocess.run(
        [sys.executable, "-m", "tests.recsys.survey.sixth_question", tmp_path / "out.csv"],
        cwd=ROOT,
        env={**os.environ, "RECSYS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"{len(QUESTIONS) + 1} are missing" in told
    assert f"\n{len(QUESTIONS) + 1}. How often?\n" in told
    assert "This poll, 1 person: Often 1 (100.0%), Never 0 (0.0%)" in told
    assert "How often? Often:\n  this poll   1 of 1, 100.0%" in told
    assert "2 responses written" in told
    heading, *rows = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert heading == ",".join(["day", *ALL_FOR_IT, "rating", "remark"])
    assert sorted(row.partition(",")[2] for row in rows) == [
        ",".join([*ALL_FOR_IT.values(), "", ""]),
        ",".join([*answers().values(), "often", ""]),
    ]


def test_a_question_with_three_choices_is_refused_before_anybody_answers_it() -> None:
    with pytest.raises(ValueError, match="Expected two choices for often, got 3"):
        Question("often", "How often?", "How often", {"never": "Never", "sometimes": "Sometimes", "always": "Always"})
