from dataclasses import replace
from datetime import date

import pytest
from scipy.stats import binomtest
from statsmodels.stats.proportion import confint_proportions_2indep

from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response
from recsys.survey.summary import QuestionSummary, Share, summarise, summary_json


def responses(**first_choices: int) -> list[Response]:
    """40 responses; the arguments are how many took the first choice of each question."""
    return [
        Response(
            date(2026, 11, 20 + number // 30 * 2),
            {q.key: q.choices[number >= first_choices.get(q.key, 0)] for q in QUESTIONS},
        )
        for number in range(40)
    ]


def test_every_question_is_counted_and_compared_with_the_study() -> None:
    counts = {"preference": 10, "easier": 40, "intuitive": 0, "faster": 31, "coming_back": 33}
    summary = summarise(responses(**counts))
    assert summary.total == 40
    of_the_study = [result for result in summary.questions if result.question.key in counts]
    assert {result.question.key: result.poll.count for result in of_the_study} == counts
    assert [result.study.count for result in of_the_study] == [27, 39, 40, 38, 42]
    for result in of_the_study:
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


def test_a_question_added_later_counts_only_people_who_were_asked() -> None:
    asked = responses(faster=10)
    before = [Response(response.day, {**response.answers, "faster": ""}) for response in asked[20:]]
    result = summarise([*asked[:20], *before]).questions[3]
    assert (result.poll.count, result.poll.total) == (10, 20)


def test_what_the_study_did_not_ask_is_not_compared_with_it() -> None:
    result = QuestionSummary(replace(QUESTIONS[0], study_count=None), Share(3, 4))
    assert (result.study.value, result.difference) == (None, None)


@pytest.mark.parametrize(("number", "is_small"), [(29, True), (30, False)])
def test_fewer_than_thirty_are_few(number: int, is_small: bool) -> None:
    assert summarise(responses()[:number]).is_small is is_small


def test_the_first_questions_are_those_of_the_study_word_for_word() -> None:
    assert [(question.wording, *question.labels.values()) for question in QUESTIONS[:5]] == [
        ("Prefer to search for products by typing text or image-based?", "Text", "Image"),
        ("Is it easier to search for image-based products?", "Yes", "No"),
        ("Is image-based product search more intuitive?", "Yes", "No"),
        ("Is the image-based product search stage faster?", "Yes", "No"),
        ("Does the existence of image-based product search make you come back to shop again?", "Yes", "No"),
    ]
