"""Answering the poll: one transaction keeps the answers and burns the right to answer, or does neither."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date

from recsys.database.database import Database
from recsys.errors import RecordsError
from recsys.survey.admission import Eligibility, Mode, Respondent, eligibility, mark_answered
from recsys.survey.responses import keep_response, make_response


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

        They are kept, and on the disk, if that is MAY_ANSWER; nothing has changed otherwise. Raises
        SurveyError for answers that are not complete, and RecordsError.
        """
        response = make_response(self._today(), answers, remark)
        with self._database.writing() as session:
            before = eligibility(session, self.mode, respondent)
            if before is Eligibility.MAY_ANSWER:
                mark_answered(session, self.mode, respondent)
                keep_response(session, response, step=self._step)
        with suppress(RecordsError):  # the answers are kept
            self._database.forget_log()
        return before
