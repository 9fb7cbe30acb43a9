"""Answering the poll: one transaction saves the answers, then another uses up the right to answer.

There are two because the changes of one transaction lie together in the database's files while it runs, and after a
kill: who answered, and what, must never do so. If the process is killed between the two, the answers are saved, and
that person may answer again.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date

from recsys.database.database import Database
from recsys.errors import RecordsError
from recsys.rate_limit import RateLimit
from recsys.survey.admission import Eligibility, Mode, Respondent, eligibility, mark_answered
from recsys.survey.responses import Response, keep_response, make_response, remove_response
from recsys.survey.turned_away import count_turned_away

_log = logging.getLogger(__name__)


class Poll:
    """The poll in a database, open or by invitation; `today` gives a response's date.

    Responses are added to the results `step` at a time, so that no single response can be told from the change. An open
    poll accepts no more from one address than the `limit` allows.
    """

    def __init__(
        self,
        database: Database,
        mode: Mode,
        *,
        step: int = 1,
        limit: RateLimit | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._database = database
        self.mode = mode
        self._step = step
        self._limit = limit if mode == "open" else None
        self._today = today

    def eligibility(self, respondent: Respondent) -> Eligibility:
        """Whether the respondent may answer the poll. Raises RecordsError."""
        with self._database.reading() as session:
            return eligibility(session, self.mode, respondent)

    def submit(self, respondent: Respondent, answers: Mapping[str, str | None], remark: str = "") -> Eligibility:
        """Save the answers, by question key, if the respondent may answer; return their eligibility before.

        With MAY_ANSWER the answers are saved, and on disk; TURNED_AWAY is counted, and nothing else has changed.
        Respondents answer one at a time. Raises SurveyError if answers are missing, and RecordsError.
        """
        response = make_response(self._today(), answers, remark)
        with self._database.turn():
            before = self.eligibility(respondent)
            if before is not Eligibility.MAY_ANSWER:
                return before
            if self._limit is not None and not self._limit.has_room(respondent.address):
                self._turn_away(response.day)
                return Eligibility.TURNED_AWAY
            self._keep(respondent, response)
            if self._limit is not None:
                self._limit.take(respondent.address)
        return before

    def _turn_away(self, day: date) -> None:
        with self._database.writing() as session:
            number = count_turned_away(session, day)
        _log.warning(
            "Turned away an answer to the poll: too many came from one address within an hour. %s today.", number
        )

    def _keep(self, respondent: Respondent, response: Response) -> None:
        with self._database.writing() as session:
            key = keep_response(session, response, step=self._step)
        try:
            with self._database.writing() as session:
                mark_answered(session, self.mode, respondent)
        except RecordsError:
            with suppress(RecordsError), self._database.writing() as session:
                remove_response(session, key)  # a respondent who sees an error will send them again
            raise
