"""Responses: one person's answers, checked, stored without revealing their order, and read again."""

import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from recsys.database.table_base import Table
from recsys.errors import SurveyError
from recsys.survey.questions import QUESTIONS
from recsys.survey.survey_tables import MAX_REMARK, AnswerRow, ResponseRow


@dataclass(frozen=True)
class Response:
    """One person's answers on a day: choices by question key, and a remark, which may be empty."""

    day: date
    answers: Mapping[str, str]
    remark: str = ""


def unanswered(answers: Mapping[str, str | None]) -> list[str]:
    """The keys of the questions without an answer."""
    return [question.key for question in QUESTIONS if answers.get(question.key) not in question.choices]


def make_response(day: date, answers: Mapping[str, str | None], remark: str) -> Response:
    """Check answers, by question key, and a remark. Raises SurveyError."""
    if missing := unanswered(answers):
        raise SurveyError(f"Expected an answer to all {len(QUESTIONS)} questions, got none to {', '.join(missing)}.")
    remark = _cleaned(remark)
    if len(remark) > MAX_REMARK:
        raise SurveyError(f"Expected a remark of up to {MAX_REMARK} characters, got {len(remark)}: shorten it.")
    return Response(day, {question.key: str(answers[question.key]) for question in QUESTIONS}, remark)


def keep_response(session: Session, response: Response, *, step: int = 1) -> str:
    """Add a response, which is not counted until `step` responses are waiting; return its random key.

    All responses are rewritten in the order of their random keys: a database puts new rows where there is space, so
    their positions would reveal who answered before whom.
    """
    key = secrets.token_hex(16)
    chosen = [{"response": key, "question": name, "choice": choice} for name, choice in response.answers.items()]
    row = {"key": key, "day": response.day, "remark": response.remark, "is_counted": False}
    responses = [*_rows(session, ResponseRow), row]
    if sum(not row["is_counted"] for row in responses) >= step:
        responses = [{**row, "is_counted": True} for row in responses]
    answers = [*_rows(session, AnswerRow), *chosen]
    session.execute(delete(AnswerRow))
    session.execute(delete(ResponseRow))
    session.execute(insert(ResponseRow), sorted(responses, key=itemgetter("key")))
    session.execute(insert(AnswerRow), sorted(answers, key=itemgetter("response", "question")))
    return key


def remove_response(session: Session, key: str) -> None:
    """Remove a response that was saved a moment ago."""
    session.execute(delete(AnswerRow).where(AnswerRow.response == key))
    session.execute(delete(ResponseRow).where(ResponseRow.key == key))


def read_responses(
    session: Session, since: date | None = None, until: date | None = None, *, step: int = 1
) -> list[Response]:
    """The responses from `since` to `until`, inclusive, by day, without the last ones waiting for `step` of them."""
    query = select(ResponseRow).order_by(ResponseRow.day, ResponseRow.key)
    if count_waiting(session, step):
        query = query.where(ResponseRow.is_counted)
    if since is not None:
        query = query.where(ResponseRow.day >= since)
    if until is not None:
        query = query.where(ResponseRow.day <= until)
    answers: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows(session, AnswerRow):
        answers[row["response"]][row["question"]] = row["choice"]
    return [Response(row.day, answers[row.key], row.remark) for row in session.scalars(query)]


def count_responses(session: Session) -> int:
    """The number of responses."""
    return session.scalar(select(func.count()).select_from(ResponseRow)) or 0


def count_waiting(session: Session, step: int) -> int:
    """The number of responses waiting until there are `step` of them."""
    waiting = session.scalar(select(func.count()).select_from(ResponseRow).where(~ResponseRow.is_counted)) or 0
    return waiting if waiting < step else 0


def _rows(session: Session, table: type[Table]) -> list[dict[str, Any]]:
    result = session.execute(select(*table.__table__.columns))
    names = list(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def _cleaned(remark: str) -> str:
    """The remark without control characters: some databases refuse them, some programs obey them."""
    lines = remark.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"}).strip()
