"""The key that unlocks the poll's remarks and downloads."""

from collections.abc import Callable

import pytest

from recsys.settings import Settings
from recsys.survey.questions import QUESTIONS
from tests.pages.poll import polled


def downloads(page) -> list[str]:
    return [button.proto.label for button in page.app.get("download_button")]


def test_everybody_may_download_if_no_key_is_set(survey: Callable, database) -> None:
    polled(database, ("text", ""))
    charts = ["PNG", "SVG"] * (len(QUESTIONS) + 1)
    assert downloads(survey(tab="results")) == [*charts, "Answers as CSV", "Answers as CSV with semicolons"]


def test_the_key_opens_remarks_and_downloads_and_is_shown_nowhere(
    survey: Callable, database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "öpen sesame")
    polled(database, ("text", "A remark"))
    page = survey(tab="results")
    assert "27 (51.9%)" in page.html
    assert "A remark" not in page.html + page.text
    assert downloads(page) == []
    assert "öpen" not in repr(page.app) + repr(Settings())
    for typed, is_open in (("open sesame", False), ("öpen sesame", True)):
        page.app.text_input(key="stakeholder_typed").set_value(typed)
        page.click("FormSubmitter:stakeholder_form-Open")
        assert ("A remark" in page.html) is is_open
        assert ("That isn't the right key." in page.text) is not is_open
    assert len(downloads(page)) == 2 * len(QUESTIONS) + 4
