import pytest

from recsys.ui.shell.failures import as_typed, commands_in


def test_the_commands_of_a_message_are_found_in_their_order() -> None:
    message = "Expected a catalogue: run `python -m recsys demo`, or `make setup`. Not `rm -rf data` or `x`."
    assert commands_in(message) == ["python -m recsys demo", "make setup"]


def test_a_command_is_shown_as_it_is_typed_for_this_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSYS_HOME", raising=False)
    assert as_typed("python -m recsys demo") == ".venv/bin/python -m recsys demo"
    monkeypatch.setenv("RECSYS_HOME", "my shop")
    assert as_typed("python -m recsys demo") == "RECSYS_HOME='my shop' .venv/bin/python -m recsys demo"
    assert as_typed("make setup") == "RECSYS_HOME='my shop' make setup"
