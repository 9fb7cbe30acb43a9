"""Answering the poll: one transaction keeps the answers, and then another burns the right to answer.

Two, because whatever one transaction changes lies together in the database's files while it runs, and after a kill: who
answered, and what, must never do so. Where the process is killed between the two, the answers are kept, and whoever
gave them may answer again.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date

from recsys.database.database import Database
from recsys.errors import RecordsError
from recsys.survey.admission import Eligibility, Mode, Respondent, eligibility, mark_answered
from recsys.survey.responses import Response, keep_response, make_response, remove_response


class Poll:
    """The poll in a database, open or by invitation; `today` gives the day that a response is dated.

    Responses come into the results `step` at a time, so that nobody can tell one of them by the change it makes.
    """

    def __init__(
        self, database: Database, mode: Mode, *, step: int = 1, today: Callable[[], date] = date.today
    ) -> None:
        self._database = database
        self.mode = mode
        self._step = step
        self._today = today

    def eligibility(self, respondent: Respondent) -> Eligibility:
        """Tell how the respondent stands to the poll. Raises RecordsError."""
        with self._database.reading() as session:
            return eligibility(session, self.mode, respondent)

    def submit(self, respondent: Respondent, answers: Mapping[str, str | None], remark: str = "") -> Eligibility:
        """Keep the answers, by the questions' keys, of somebody who may answer; tell how they stood before.

        They are kept, and on the disk, if that is MAY_ANSWER; nothing has changed otherwise. One person answers at a
        time. Raises SurveyError for answers that are not complete, and RecordsError.
        """
        response = make_response(self._today(), answers, remark)
        with self._database.turn():
            before = self.eligibility(respondent)
            if before is Eligibility.MAY_ANSWER:
                self._keep(respondent, response)
        return before

    def _keep(self, respondent: Respondent, response: Response) -> None:
        with self._database.writing() as session:
            key = keep_response(session, response, step=self._step)
        try:
            with self._database.writing() as session:
                mark_answered(session, self.mode, respondent)
        except RecordsError:
            with suppress(RecordsError), self._database.writing() as session:
                remove_response(session, key)  # who is told that it failed will send them again
            raise
