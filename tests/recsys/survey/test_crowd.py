"""Sixty people answering at the same moment, in two processes of the app with the settings of `make serve`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import URL

from recsys.database import database as records
from recsys.database.database import Database, open_database
from recsys.rate_limit import RateLimit
from recsys.survey.admission import Eligibility, Respondent
from recsys.survey.poll import Poll
from recsys.survey.responses import count_waiting, read_responses
from tests.at_once import run_at_once
from tests.recsys.survey.answers import ALL_FOR_IT

PEOPLE, PROCESSES, STEP = 60, 2, 5


def answer(url: URL, people: range) -> None:
    records.WAIT_SECONDS = 60.0  # for a turn: the machine that runs the tests may be busy
    poll = Poll(open_database(url), "open", step=STEP, limit=RateLimit(120, 3600))
    with ThreadPoolExecutor(len(people)) as threads:
        before = threads.map(lambda n: poll.submit(Respondent(str(n)), ALL_FOR_IT, str(n)), people)
    assert set(before) == {Eligibility.MAY_ANSWER}


def test_sixty_answers_at_once_through_two_processes_are_sixty_rows(
    database: Database, searched: Callable, url: URL
) -> None:
    searched(*map(str, range(PEOPLE)))
    run_at_once(answer, *((url, range(number, PEOPLE, PROCESSES)) for number in range(PROCESSES)))
    with database.reading() as session:
        remarks = [response.remark for response in read_responses(session, step=STEP)]
        assert count_waiting(session, STEP) == 0
    assert sorted(remarks, key=int) == [str(number) for number in range(PEOPLE)]
