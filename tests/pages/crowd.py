"""People who submit on the page at the same second: `python -m tests.pages.crowd FOLDER FIRST LAST`.

They are the visitors FIRST to LAST, have searched, and have answered everything when this process writes
FOLDER/FIRST.ready; they submit, one after the other, as soon as there is FOLDER/go. Prints what each one
is told.
"""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

from streamlit.runtime import context
from streamlit.testing.v1 import AppTest

from recsys.survey.questions import QUESTIONS
from recsys.ui.door.visitors import COOKIE

ROUTER = Path(__file__).parents[2] / "recsys" / "ui" / "shell" / "router.py"


def cookie_of(person: int) -> str:
    return f"{person:043}"


def main(folder: Path, first: int, last: int) -> None:
    request = SimpleNamespace(cookies={}, headers=[])
    context._get_client_context = lambda: request  # what a browser would begin its visit with
    people = {}
    for person in range(first, last + 1):
        request.cookies = {COOKIE: cookie_of(person)}
        app = AppTest.from_file(ROUTER, default_timeout=120).run().switch_page("../../../pages/survey.py").run()
        for question in QUESTIONS:
            app.radio(key=f"survey_{question.key}").set_value(question.choices[person % 2])
        app.text_area(key="survey_remark").set_value(f"remark {person}")
        people[person] = app
    (folder / f"{first}.ready").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    for person, app in people.items():
        request.cookies = {COOKIE: cookie_of(person)}
        app.button(key="survey_submit").click().run()
        told = [*app.success, *app.error, *app.warning, *app.exception]
        print(" | ".join(element.value for element in told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
