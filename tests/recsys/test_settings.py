from pathlib import Path

import pytest

from recsys.errors import SettingsError
from recsys.settings import load_settings


def test_the_home_is_data_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSYS_HOME", raising=False)
    assert load_settings().home == Path("data")
    monkeypatch.setenv("RECSYS_HOME", "elsewhere")
    assert (load_settings().cache, load_settings().records) == (Path("elsewhere/cache"), Path("elsewhere/records"))


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_MAX_NETWORKS", "many")
    monkeypatch.setenv("RECSYS_PRECISION", "f64")
    with pytest.raises(SettingsError, match=r"RECSYS_PRECISION.*'f64'.*RECSYS_MAX_NETWORKS.*'many'"):
        load_settings()


def test_the_database_s_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_SHOP_DATABASE_URL", "postgresql://shop:hunter2@db/shop")
    settings = load_settings()
    assert "hunter2" not in repr(settings)
    assert settings.shop_database_url is not None
    assert "hunter2" in settings.shop_database_url.get_secret_value()


def test_the_error_for_an_address_says_what_it_should_look_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "10.0.0.20:8333")
    with pytest.raises(SettingsError, match=r"AWS_ENDPOINT_URL: expected an address that begins with http:// or"):
        load_settings()
