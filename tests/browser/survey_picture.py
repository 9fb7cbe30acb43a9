"""The README's picture of the poll's results: `python -m tests.browser.survey_picture docs/survey.png`.

60 made-up people answer in a data home of their own, and the picture says so.
"""

import random
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import expect

from recsys.database.database import open_database
from recsys.database.engines import records_address
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS
from tests.browser.apps import running_app
from tests.browser.chromium import chromium_path, launched_chromium

LIKELIHOODS = {"preference": 0.38, "easier": 0.85, "intuitive": 0.8, "faster": 0.66, "coming_back": 0.9}
LABEL = "Sample data: 60 made-up answers in a demo data home."


def fill(home: Path) -> None:
    """Let 60 people who never lived answer within two weeks."""
    chance, database = random.Random(2), open_database(records_address(Settings(home=home)))
    for person in range(60):
        with database.writing() as session:
            note_search(session, str(person))
        day = date.today() - timedelta(int(chance.triangular(0, 13, 9)))
        answers = {
            question.key: question.choices[chance.random() > LIKELIHOODS[question.key]] for question in QUESTIONS
        }
        Poll(database, "open", today=lambda day=day: day).submit(Respondent(str(person)), answers, "Sample answer")


def main(picture: str) -> None:
    path = chromium_path()
    if path is None:
        sys.exit("Expected Chromium, found none: install it (Debian, Ubuntu: apt install chromium).")
    with TemporaryDirectory() as folder, launched_chromium(path) as browser:
        home = Path(folder) / "demo"
        fill(home)
        with running_app(home, Path(folder)) as server:
            page = browser.new_page(viewport={"width": 1440, "height": 1030})
            page.goto(f"{server.url}/survey?tab=results")
            expect(page.locator("svg.marks")).to_have_count(6, timeout=60_000)
            caption = page.locator("[data-testid=stCaptionContainer] p").first
            caption.evaluate("(element, text) => element.textContent = text", LABEL)
            page.wait_for_timeout(1000)
            page.screenshot(path=picture)


if __name__ == "__main__":
    main(sys.argv[1])
