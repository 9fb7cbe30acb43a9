"""People's answers to the poll, and what is stored of them."""

from recsys.survey.admission import Respondent
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response, read_responses
from tests.recsys.survey.answers import answers


def answer(page, *, but: str = "", choice: int = 0, remark: str = "") -> None:
    for question in QUESTIONS:
        if question.key != but:
            page.app.radio(key=f"survey_{question.key}").set_value(question.choices[choice])
    if remark:
        page.app.text_area(key="survey_remark").set_value(remark)
    page.click("survey_submit")


def responses(database) -> list[Response]:
    with database.reading() as session:
        return read_responses(session)


def polled(database, *people: tuple[str, str]) -> None:
    """Add other people's answers: their choices, and their remarks."""
    for number, (preference, remark) in enumerate(people):
        with database.writing() as session:
            note_search(session, str(number))
        Poll(database, "open").submit(Respondent(str(number)), answers(preference=preference, faster="no"), remark)
