"""People who submit on the page in the same second: `python -m tests.pages.crowd PEOPLE PROCESSES`.

They are the visitors 0 to PEOPLE - 1, and have searched. Once all of them have chosen their answers, they submit, one
after the other in each process. Prints what each one is told.
"""

import gc
import os
import sys
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from pkgutil import walk_packages
from types import SimpleNamespace

from streamlit.runtime import context
from streamlit.testing.v1 import AppTest

from recsys import ui
from recsys.survey.questions import QUESTIONS
from recsys.ui.door.visitors import COOKIE
from tests.pages.as_served import run_as_served

ROUTER = Path(__file__).parents[2] / "recsys" / "ui" / "shell" / "router.py"


def cookie_of(person: int) -> str:
    return f"{person:043}"


def submit(people: range, start: Barrier) -> None:
    request = SimpleNamespace(cookies={}, headers=[], remote_ip="127.0.0.1")
    context._get_client_context = lambda: request  # as at the start of a browser's visit
    visits = {}
    for person in people:
        request.cookies = {COOKIE: cookie_of(person)}
        app = AppTest.from_file(ROUTER, default_timeout=120).switch_page("../../../pages/survey.py").run()
        for question in QUESTIONS:
            app.radio(key=f"survey_{question.key}").set_value(question.choices[person % 2])
        app.text_area(key="survey_remark").set_value(f"remark {person}")
        visits[person] = app
    start.wait(300)
    for person, app in visits.items():
        request.cookies = {COOKIE: cookie_of(person)}
        app.button(key="survey_submit").click().run()
        told = [*app.success, *app.error, *app.warning, *app.exception]
        os.write(1, (" | ".join(element.value for element in told) + "\n").encode())


def main(num_people: int, num_processes: int) -> None:
    run_as_served()
    for module in walk_packages(ui.__path__, "recsys.ui."):  # shared imports happen once
        if not module.name.endswith(".router"):  # a script
            import_module(module.name)
    gc.freeze()  # as the app spares what it has imported
    fork = get_context("fork")
    start = fork.Barrier(num_processes)
    groups = [range(number, num_people, num_processes) for number in range(num_processes)]
    processes = [fork.Process(target=submit, args=(group, start)) for group in groups]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
