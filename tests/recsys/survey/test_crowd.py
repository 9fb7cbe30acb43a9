"""Sixty people answering at the same moment, in two processes of the app with the settings of `make serve`."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

from sqlalchemy import URL

from recsys.database.database import Database, open_database
from recsys.rate_limit import RateLimit
from recsys.survey.admission import Eligibility, Respondent
from recsys.survey.poll import Poll
from recsys.survey.responses import count_waiting, read_responses
from tests.recsys.survey.answers import ALL_FOR_IT

PEOPLE, PROCESSES, STEP = 60, 2, 5


def answer(url: URL, people: range, start: Barrier, told: "SimpleQueue[Counter[Eligibility]]") -> None:
    poll = Poll(open_database(url), "open", step=STEP, limit=RateLimit(120, 3600))
    with ThreadPoolExecutor(len(people)) as threads:
        start.wait(60)
        told.put(Counter(threads.map(lambda n: poll.submit(Respondent(str(n)), ALL_FOR_IT, str(n)), people)))


def test_sixty_answers_at_once_through_two_processes_are_sixty_rows(
    database: Database, searched: Callable, url: URL
) -> None:
    searched(*map(str, range(PEOPLE)))
    spawn = get_context("spawn")
    start, told = spawn.Barrier(PROCESSES), spawn.SimpleQueue()
    groups = [range(number, PEOPLE, PROCESSES) for number in range(PROCESSES)]
    processes = [spawn.Process(target=answer, args=(url, group, start, told)) for group in groups]
    for process in processes:
        process.start()
    assert told.get() + told.get() == {Eligibility.MAY_ANSWER: PEOPLE}
    for process in processes:
        process.join()
    with database.reading() as session:
        remarks = [response.remark for response in read_responses(session, step=STEP)]
        assert count_waiting(session, STEP) == 0
    assert sorted(remarks, key=int) == [str(number) for number in range(PEOPLE)]
