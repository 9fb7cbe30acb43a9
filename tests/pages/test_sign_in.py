"""What the router draws in place of every page if people have to sign in; the browser's tests sign in."""

from collections.abc import Callable

import pytest

WHOLE = {
    "ISSUER": "https://accounts.example",
    "CLIENT_ID": "search",
    "CLIENT_SECRET": "hush-hush",
    "ADDRESS": "https://search.example",
}


@pytest.fixture
def sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WHOLE.items():
        monkeypatch.setenv(f"RECSYS_SIGN_IN_{name}", value)
    monkeypatch.setenv("RECSYS_EMPLOYEES", "@shop.example")


@pytest.mark.usefixtures("sign_in")
def test_without_signing_in_people_see_the_entrance_in_place_of_the_page(visit: Callable) -> None:
    page = visit(product="coffee-1")
    assert [title.value for title in page.app.title] == ["Sign in to search"]
    assert [button.key for button in page.app.button] == ["sign_in"]
    assert "coffee" not in page.text + page.html


@pytest.mark.usefixtures("sign_in")
def test_incomplete_sign_in_settings_let_nobody_in_not_even_with_the_key(
    visit: Callable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("RECSYS_SIGN_IN_CLIENT_SECRET")
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "open sesame")
    page = visit(product="coffee-1")
    assert "This app isn't set up correctly." in page.text.replace("\\", "")
    assert "RECSYS" not in page.text
    assert "Expected RECSYS_SIGN_IN_CLIENT_SECRET with" in caplog.text
    assert not page.app.title
    assert not page.app.button
    assert not page.app.text_input


@pytest.mark.usefixtures("sign_in")
def test_the_entrance_speaks_indonesian(visit: Callable) -> None:
    assert visit(locale="id").app.title[0].value == "Masuk untuk mencari"
