from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recsys.database.database import Database, open_database
from recsys.errors import SurveyError
from recsys.survey.admission import Eligibility, Respondent
from recsys.survey.invitations import invite
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response, count_waiting, read_responses
from recsys.survey.summary import count_invitations
from tests.recsys.survey.answers import ALL_FOR_IT
from tests.recsys.survey.conftest import TODAY

ANA, BUDI = Respondent("ana"), Respondent("budi")


def responses(database: Database) -> list[Response]:
    with database.reading() as session:
        return read_responses(session)


@pytest.fixture
def tokens(database: Database, tmp_path: Path) -> list[str]:
    """Three invitations."""
    invite(database, 3, tmp_path / "invites.csv", "http://app")
    lines = (tmp_path / "invites.csv").read_text().splitlines()[1:]
    return [line.rpartition("=")[2] for line in lines]


def test_people_who_have_not_searched_may_not_answer(poll: Poll, database: Database) -> None:
    assert poll.eligibility(ANA) is Eligibility.HAS_NOT_SEARCHED
    assert poll.submit(ANA, ALL_FOR_IT) is Eligibility.HAS_NOT_SEARCHED
    assert responses(database) == []


def test_people_who_have_searched_answer_once(poll: Poll, database: Database, searched: Callable) -> None:
    searched("ana", "budi")
    assert poll.eligibility(ANA) is Eligibility.MAY_ANSWER
    assert poll.submit(ANA, ALL_FOR_IT, " Fast! ") is Eligibility.MAY_ANSWER
    assert poll.eligibility(ANA) is Eligibility.HAS_ANSWERED
    assert poll.submit(ANA, {**ALL_FOR_IT, "easier": "no"}) is Eligibility.HAS_ANSWERED
    assert poll.eligibility(BUDI) is Eligibility.MAY_ANSWER
    assert responses(database) == [Response(TODAY, ALL_FOR_IT, "Fast!")]


def test_searching_again_does_not_let_anybody_answer_again(poll: Poll, searched: Callable) -> None:
    searched("ana")
    poll.submit(ANA, ALL_FOR_IT)
    searched("ana")
    assert poll.eligibility(ANA) is Eligibility.HAS_ANSWERED


def test_a_browser_without_cookies_may_not_answer(poll: Poll) -> None:
    assert poll.eligibility(Respondent(None)) is Eligibility.UNKNOWN_BROWSER


def test_an_invitation_is_good_for_one_answer(database: Database, searched: Callable, tokens: list[str]) -> None:
    poll = Poll(database, "invited")
    searched("ana")
    invited = Respondent("ana", tokens[0])
    assert poll.submit(invited, ALL_FOR_IT) is Eligibility.MAY_ANSWER
    assert poll.eligibility(invited) is Eligibility.HAS_ANSWERED
    assert poll.submit(Respondent("ana", tokens[0]), ALL_FOR_IT) is Eligibility.HAS_ANSWERED
    # Another person at the same computer has another invitation.
    assert poll.submit(Respondent("ana", tokens[1]), ALL_FOR_IT) is Eligibility.MAY_ANSWER
    assert len(responses(database)) == 2
    with database.reading() as session:
        assert count_invitations(session).used == 2


@pytest.mark.parametrize("token", ["forged", "", "x" * 22, "' or 1=1 --", "\x00"])
def test_a_forged_invitation_does_not_count(database: Database, searched: Callable, tokens, token: str) -> None:
    searched("ana")
    poll = Poll(database, "invited")
    assert poll.submit(Respondent("ana", token), ALL_FOR_IT) is Eligibility.UNKNOWN_INVITATION
    assert responses(database) == []


def test_stored_data_about_an_invitation_cannot_be_used_as_one(
    database: Database, searched: Callable, tokens, url
) -> None:
    searched("ana")
    with open_database(url).reading() as session:
        (key,) = session.connection().exec_driver_sql("select key from survey_invitations limit 1").one()
    assert Poll(database, "invited").submit(Respondent("ana", key), ALL_FOR_IT) is Eligibility.UNKNOWN_INVITATION


def test_in_an_invited_poll_a_search_alone_is_not_enough_nor_an_invitation_alone(
    database: Database, searched: Callable, tokens: list[str]
) -> None:
    searched("ana")
    poll = Poll(database, "invited")
    assert poll.eligibility(ANA) is Eligibility.NOT_INVITED
    assert poll.submit(Respondent("budi", tokens[0]), ALL_FOR_IT) is Eligibility.HAS_NOT_SEARCHED
    assert poll.eligibility(Respondent("ana", tokens[0])) is Eligibility.MAY_ANSWER


@pytest.mark.parametrize(
    "answers",
    [{}, {**ALL_FOR_IT, "faster": None}, {**ALL_FOR_IT, "faster": "image"}, {**ALL_FOR_IT, "preference": "yes"}],
)
def test_answers_that_are_not_complete_are_refused_and_nothing_is_burnt(
    poll: Poll, searched: Callable, answers: dict[str, str | None]
) -> None:
    searched("ana")
    with pytest.raises(SurveyError, match=f"Expected an answer to all {len(QUESTIONS)} questions, got none to"):
        poll.submit(ANA, answers)
    assert poll.eligibility(ANA) is Eligibility.MAY_ANSWER


def test_a_remark_is_saved_unchanged_except_for_control_characters(
    poll: Poll, database: Database, searched: Callable
) -> None:
    searched("ana")
    poll.submit(ANA, ALL_FOR_IT, "  Bagus!\r\n\x00\x1b[31m'); drop table 👩‍👩‍👧 \ud800 ")
    assert responses(database)[0].remark == "Bagus!\n[31m'); drop table 👩‍👩‍👧"


def test_a_remark_has_up_to_500_characters(poll: Poll, database: Database, searched: Callable) -> None:
    searched("ana")
    with pytest.raises(SurveyError, match="up to 500 characters, got 501"):
        poll.submit(ANA, ALL_FOR_IT, "x" * 501)
    poll.submit(ANA, ALL_FOR_IT, "ü" * 500)
    assert responses(database)[0].remark == "ü" * 500


def test_one_person_who_submits_from_many_tabs_at_once_has_one_answer(
    poll: Poll, database: Database, searched: Callable
) -> None:
    searched("ana")
    with ThreadPoolExecutor(16) as tabs:
        before = Counter(tabs.map(lambda number: poll.submit(ANA, ALL_FOR_IT, str(number)), range(16)))
    assert before == {Eligibility.MAY_ANSWER: 1, Eligibility.HAS_ANSWERED: 15}
    assert len(responses(database)) == 1


def test_results_change_in_steps_so_that_no_single_answer_shows(database: Database, searched: Callable) -> None:
    poll = Poll(database, "open", step=5)
    counts = []
    for person in map(str, range(11)):
        searched(person)
        poll.submit(Respondent(person), ALL_FOR_IT)
        with database.reading() as session:
            counts.append((len(read_responses(session, step=5)), count_waiting(session, 5)))
    assert counts == [(number // 5 * 5, number % 5) for number in range(1, 12)]
    assert len(responses(database)) == 11  # each at once if there is no step
