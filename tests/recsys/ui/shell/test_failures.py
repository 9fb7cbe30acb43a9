import pytest

from recsys.ui.shell.failures import as_typed


def test_a_command_is_shown_as_it_is_typed_for_this_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSYS_HOME", raising=False)
    assert as_typed("python -m recsys demo") == ".venv/bin/python -m recsys demo"
    monkeypatch.setenv("RECSYS_HOME", "my shop")
    assert as_typed("python -m recsys demo") == "RECSYS_HOME='my shop' .venv/bin/python -m recsys demo"
    assert as_typed("make setup") == "RECSYS_HOME='my shop' make setup"
