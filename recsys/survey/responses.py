"""Responses: what one person answered, checked, kept so that nothing tells their order, and read again."""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from recsys.errors import SurveyError
from recsys.survey.questions import QUESTIONS
from recsys.survey.survey_tables import MAX_REMARK, ResponseRow


@dataclass(frozen=True)
class Response:
    """One person's answers on a day: a choice of each question, and a remark, which may be empty."""

    day: date
    preference: str
    easier: str
    intuitive: str
    faster: str
    coming_back: str
    remark: str = ""

    def answer(self, key: str) -> str:
        """The choice at the question `key`."""
        return str(getattr(self, key))


_COLUMNS = [getattr(ResponseRow, field.name) for field in fields(Response)]


def unanswered(answers: Mapping[str, str | None]) -> list[str]:
    """The keys of the questions that are not answered yet."""
    return [question.key for question in QUESTIONS if answers.get(question.key) not in question.choices]


def make_response(day: date, answers: Mapping[str, str | None], remark: str) -> Response:
    """Check answers, by the questions' keys, and a remark. Raises SurveyError."""
    if missing := unanswered(answers):
        raise SurveyError(f"Expected an answer to all {len(QUESTIONS)} questions, got none to {', '.join(missing)}.")
    remark = _cleaned(remark)
    if len(remark) > MAX_REMARK:
        raise SurveyError(f"Expected a remark of up to {MAX_REMARK} characters, got {len(remark)}: shorten it.")
    chosen = {question.key: str(answers[question.key]) for question in QUESTIONS}
    return Response(day=day, remark=remark, **chosen)


def keep_response(session: Session, response: Response) -> None:
    """Add a response.

    All of them are written anew, in the order of their random keys: a database puts new rows where there is
    room, so where the rows lie would tell who answered before whom.
    """
    kept = [dict(row) for row in session.execute(select(ResponseRow.key, *_COLUMNS)).mappings()]
    kept.append({"key": secrets.token_hex(16), **vars(response)})
    session.execute(delete(ResponseRow))
    session.execute(insert(ResponseRow), sorted(kept, key=lambda row: str(row["key"])))


def read_responses(session: Session, since: date | None = None, until: date | None = None) -> list[Response]:
    """The responses of the days from `since` to `until`, both included, by day."""
    query = select(*_COLUMNS).order_by(ResponseRow.day, ResponseRow.key)
    if since is not None:
        query = query.where(ResponseRow.day >= since)
    if until is not None:
        query = query.where(ResponseRow.day <= until)
    return [Response(**row) for row in session.execute(query).mappings()]


def count_responses(session: Session) -> int:
    """How many responses there are."""
    return session.scalar(select(func.count()).select_from(ResponseRow)) or 0


def _cleaned(remark: str) -> str:
    """The remark without the characters that no keyboard has: some databases refuse them, some programs obey them."""
    lines = remark.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"}).strip()
