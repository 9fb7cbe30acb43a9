"""The poll with a sixth question: `python -m tests.recsys.survey.sixth_question FILE.csv`, with RECSYS_HOME.

The page asks it of a visitor who has searched, and the command line prints and exports the answer.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

from recsys.survey import questions

questions.QUESTIONS += (questions.Question("rating", "How often?", "How often", {"often": "Often", "never": "Never"}),)

# Everything imported from here on finds six questions, as if the entry had been written there.
from streamlit.runtime import context  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from recsys.cli.survey import app  # noqa: E402
from recsys.ui.door.visitors import COOKIE  # noqa: E402
from tests.pages.as_served import run_as_served  # noqa: E402

ROUTER = Path(__file__).parents[3] / "recsys" / "ui" / "shell" / "router.py"
VISITOR = "v" * 43


def main(out: str) -> None:
    request = SimpleNamespace(cookies={COOKIE: VISITOR}, headers=[], remote_ip="127.0.0.1")
    context._get_client_context = lambda: request  # as at the start of a browser's visit
    run_as_served()
    page = AppTest.from_file(ROUTER, default_timeout=60).run().switch_page("../../../pages/survey.py").run()
    page.button(key="survey_submit").click().run()
    print(f"{len(page.error)} are missing")
    for question in questions.QUESTIONS:
        page.radio(key=f"survey_{question.key}").set_value(question.choices[0])
    page.button(key="survey_submit").click().run()
    page.button(key="survey_see_results").click().run()
    print("\n".join(header.value for header in page.header))
    print("\n".join(chart.proto.alt for chart in page.get("vega_lite_chart")))
    for command in ("summary", "export --out " + out):
        print(CliRunner().invoke(app, command.split()).stdout)


if __name__ == "__main__":
    main(sys.argv[1])
