from datetime import date

import pytest
from scipy.stats import binomtest
from statsmodels.stats.proportion import confint_proportions_2indep

from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response
from recsys.survey.summary import summarise, summary_json


def responses(**first_choices: int) -> list[Response]:
    """40 responses, of which so many took the first choice of each question."""
    return [
        Response(
            date(2026, 11, 20 + number // 30 * 2),
            *(question.choices[number >= first_choices.get(question.key, 0)] for question in QUESTIONS),
        )
        for number in range(40)
    ]


def test_every_question_is_counted_and_compared_with_the_study() -> None:
    counts = {"preference": 10, "easier": 40, "intuitive": 0, "faster": 31, "coming_back": 33}
    summary = summarise(responses(**counts))
    assert summary.total == 40
    assert {result.question.key: result.poll.count for result in summary.questions} == counts
    assert [result.study.count for result in summary.questions] == [27, 39, 40, 38, 42]
    for result in summary.questions:
        count = counts[result.question.key]
        expected = binomtest(count, 40).proportion_ci(method="wilson")
        assert result.poll.interval == pytest.approx((expected.low, expected.high))
        value, interval = result.difference
        assert value == pytest.approx(count / 40 - result.question.study_count / 52)
        study = (result.question.study_count, 52)
        assert interval == pytest.approx(
            confint_proportions_2indep(count, 40, *study, method="newcomb", compare="diff"), abs=1e-9
        )


def test_days_without_a_response_are_counted_too() -> None:
    assert summarise(responses()).days == {date(2026, 11, 20): 30, date(2026, 11, 21): 0, date(2026, 11, 22): 10}


def test_without_responses_there_is_no_share_and_no_difference() -> None:
    summary = summarise([])
    assert (summary.total, summary.days, summary.is_small) == (0, {}, True)
    assert all(result.poll.value is None and result.difference is None for result in summary.questions)
    assert summary_json(summary)["questions"][0]["difference"] is None


@pytest.mark.parametrize(("number", "is_small"), [(29, True), (30, False)])
def test_fewer_than_thirty_are_few(number: int, is_small: bool) -> None:
    assert summarise(responses()[:number]).is_small is is_small


def test_the_questions_are_those_of_the_study_word_for_word() -> None:
    assert [(question.wording, *map(question.label, question.choices)) for question in QUESTIONS] == [
        ("Prefer to search for products by typing text or image-based?", "Text", "Image"),
        ("Is it easier to search for image-based products?", "Yes", "No"),
        ("Is image-based product search more intuitive?", "Yes", "No"),
        ("Is the image-based product search stage faster?", "Yes", "No"),
        ("Does the existence of image-based product search make you come back to shop again?", "Yes", "No"),
    ]
