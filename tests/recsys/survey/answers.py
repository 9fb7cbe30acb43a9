"""Answers for tests."""

from recsys.survey.questions import QUESTIONS


def answers(**chosen: str) -> dict[str, str]:
    """An answer to each question, the first choice unless given."""
    return {question.key: question.choices[0] for question in QUESTIONS} | chosen


ALL_FOR_IT = answers(preference="image")
