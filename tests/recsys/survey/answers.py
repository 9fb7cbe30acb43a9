"""Answers that tests give."""

from recsys.survey.questions import QUESTIONS


def answers(**chosen: str) -> dict[str, str]:
    """An answer to each question, the first choice where none is named."""
    return {question.key: question.choices[0] for question in QUESTIONS} | chosen


ALL_FOR_IT = answers(preference="image")
