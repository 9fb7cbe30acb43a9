"""The key that unlocks the poll's remarks and downloads."""

from collections.abc import Callable

import pytest

from recsys.settings import Settings
from recsys.survey.questions import QUESTIONS
from recsys.ui.shell.stakeholders import _wrong_tries
from tests.pages.poll import polled


def downloads(page) -> list[str]:
    return [button.proto.label for button in page.app.get("download_button")]


def test_everybody_may_download_if_no_key_is_set(survey: Callable, database) -> None:
    polled(database, ("text", ""))
    charts = ["PNG", "SVG"] * (len(QUESTIONS) + 1)
    assert downloads(survey(tab="results")) == [*charts, "Answers as CSV", "Answers as CSV with semicolons"]


def test_the_key_opens_remarks_and_downloads(survey: Callable, database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "öpen sesame")
    polled(database, ("text", "A remark"))
    page = survey(tab="results")
    assert "27 (51.9%)" in page.html
    assert "A remark" not in page.html + page.text
    assert downloads(page) == []
    for typed, is_open in (("", False), ("open sesame", False), ("öpen sesame", True)):
        page.app.text_input(key="stakeholder_typed").set_value(typed)
        page.app.button(key="FormSubmitter:stakeholder_form-Open").click().run()
        page.check()
        assert ("A remark" in page.html) is is_open
        assert ("That is not the key." in page.text) is not is_open
    assert len(downloads(page)) == 2 * len(QUESTIONS) + 4
    # Another visitor, and another key, start fresh.
    assert "A remark" not in survey(tab="results").html
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "another")
    page.app.run()
    assert "A remark" not in page.html


def test_guesses_at_the_key_are_logged_and_soon_not_even_looked_at(
    survey: Callable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "sesame")
    _wrong_tries.clear()
    page = survey(tab="results")
    for typed in (*map(str, range(6)), "sesame"):
        page.app.text_input(key="stakeholder_typed").set_value(typed)
        page.app.button(key="FormSubmitter:stakeholder_form-Open").click().run()
    _wrong_tries.clear()
    assert "Too many wrong keys were tried." in page.text
    assert downloads(page) == []
    lines = [record.message for record in caplog.records if record.name.startswith("recsys")]
    told = [line.partition(" ")[2].partition(",")[0] for line in lines]
    assert told == ["the stakeholder key"] * 5 + ["at most 5 wrong stakeholder keys a minute"] * 2


def test_the_key_is_shown_nowhere(survey: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "s3same")
    assert "s3same" not in repr(survey(tab="results").app) + repr(Settings())
