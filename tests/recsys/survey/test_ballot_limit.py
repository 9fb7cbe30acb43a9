"""What keeps one person with many cookies from filling an open poll."""

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL

from recsys.database.database import Database
from recsys.database.engines import sqlite_path
from recsys.rate_limit import RateLimit
from recsys.survey.admission import Eligibility, Respondent
from recsys.survey.invitations import invite
from recsys.survey.poll import Poll
from recsys.survey.responses import count_responses
from recsys.survey.turned_away import num_turned_away
from tests.recsys.survey.answers import ALL_FOR_IT
from tests.recsys.survey.conftest import TODAY

PEOPLE = [str(number) for number in range(8)]


def test_answers_beyond_an_addresss_share_are_turned_away_and_counted_without_a_name(
    database: Database, searched: Callable, url: URL, caplog: pytest.LogCaptureFixture
) -> None:
    searched(*PEOPLE)
    poll = Poll(database, "open", limit=RateLimit(3, 3600), today=lambda: TODAY)
    with caplog.at_level(logging.WARNING):
        told = [poll.submit(Respondent(person, address="10.20.30.40"), ALL_FOR_IT) for person in PEOPLE[:6]]
    assert told == [Eligibility.MAY_ANSWER] * 3 + [Eligibility.TURNED_AWAY] * 3
    assert poll.submit(Respondent("6", address="10.20.30.41"), ALL_FOR_IT) is Eligibility.MAY_ANSWER
    assert poll.submit(Respondent("6", address="10.20.30.40"), ALL_FOR_IT) is Eligibility.HAS_ANSWERED
    with database.reading() as session:
        assert count_responses(session) == 4
        assert num_turned_away(session) == num_turned_away(session, TODAY, TODAY) == 3
        assert num_turned_away(session, date(2026, 11, 21)) == num_turned_away(session, None, date(2026, 11, 19)) == 0
    assert [record.message.endswith(f"{number} today.") for number, record in enumerate(caplog.records, 1)] == [
        True
    ] * 3
    assert "10.20" not in caplog.text
    assert b"10.20.30.4" not in sqlite_path(url).read_bytes()


def test_invited_people_are_never_turned_away(database: Database, searched: Callable, tmp_path: Path) -> None:
    searched("ana")
    invite(database, 3, tmp_path / "invites.csv", "http://app")
    poll = Poll(database, "invited", limit=RateLimit(1, 3600))
    tokens = [line.rpartition("=")[2] for line in (tmp_path / "invites.csv").read_text().splitlines()[1:]]
    assert [poll.submit(Respondent("ana", token), ALL_FOR_IT) for token in tokens] == [Eligibility.MAY_ANSWER] * 3
