"""The poll's results: one computation for the page and the command line."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recsys.survey.questions import QUESTIONS, STUDY_TOTAL, Question
from recsys.survey.responses import Response
from recsys.survey.statistics import newcombe_interval, wilson_interval
from recsys.survey.survey_tables import Invitation

MIN_RELIABLE_COUNT = 30
"""With fewer responses, the intervals are too wide to be reliable."""

Interval = tuple[float, float]


@dataclass(frozen=True)
class Share:
    """How many of `total` took a question's first choice, with the share's 95% interval."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1; None without responses."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> Interval:
        """Wilson's interval."""
        return wilson_interval(self.count, self.total)


@dataclass(frozen=True)
class QuestionSummary:
    """A question's result in this poll and in the study, as shares of its first choice."""

    question: Question
    poll: Share

    @property
    def study(self) -> Share:
        """The study's result; a share of nobody if it did not ask."""
        count = self.question.study_count
        return Share(0, 0) if count is None else Share(count, STUDY_TOTAL)

    @property
    def difference(self) -> tuple[float, Interval] | None:
        """This poll's share minus the study's, with Newcombe's interval; None if either has no answers."""
        poll, study = self.poll, self.study
        if poll.value is None or study.value is None:
            return None
        return poll.value - study.value, newcombe_interval((poll.count, poll.total), (study.count, study.total))


@dataclass(frozen=True)
class Summary:
    """The result of every question, and the number of responses on each day from the first to the last."""

    total: int
    questions: tuple[QuestionSummary, ...]
    days: dict[date, int]

    @property
    def is_small(self) -> bool:
        """Whether there are too few responses to be reliable."""
        return self.total < MIN_RELIABLE_COUNT


@dataclass(frozen=True)
class Invitations:
    """How many invitations there are, and how many were used."""

    total: int
    used: int


def summarise(responses: Sequence[Response]) -> Summary:
    """Count the responses."""
    questions = tuple(QuestionSummary(question, _share(responses, question)) for question in QUESTIONS)
    return Summary(len(responses), questions, per_day(response.day for response in responses))


def count_invitations(session: Session) -> Invitations:
    """Count the invitations."""
    total, used = session.execute(
        select(func.count(), func.count().filter(Invitation.is_used)).select_from(Invitation)
    ).one()
    return Invitations(total, used)


def per_day(days: Iterable[date]) -> dict[date, int]:
    """The number of occurrences of each day from the first to the last, including days without any."""
    counts = Counter(days)
    if not counts:
        return {}
    first, last = min(counts), max(counts)
    return {day: counts[day] for number in range((last - first).days + 1) if (day := first + timedelta(number))}


def summary_json(summary: Summary) -> dict[str, Any]:
    """The summary as the JSON printed by `--json`."""
    return {
        "num_responses": summary.total,
        "questions": [_question_json(result) for result in summary.questions],
        "days": {str(day): count for day, count in summary.days.items()},
    }


def _question_json(result: QuestionSummary) -> dict[str, Any]:
    question, difference = result.question, result.difference
    return {
        "key": question.key,
        "question": question.wording,
        "choice": question.choices[0],
        "poll": _share_json(result.poll),
        "study": _share_json(result.study),
        "difference": None if difference is None else {"value": difference[0], "ci95": list(difference[1])},
    }


def _share_json(share: Share) -> dict[str, Any]:
    return {"count": share.count, "total": share.total, "share": share.value, "ci95": list(share.interval)}


def _share(responses: Iterable[Response], question: Question) -> Share:
    """The share of the first choice; a question added later has fewer answers than there are responses."""
    counts = Counter(response.answers.get(question.key) for response in responses)
    return Share(counts[question.choices[0]], sum(counts[choice] for choice in question.choices))
