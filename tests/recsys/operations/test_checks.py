"""`check` says what keeps the app from serving, and what to do about it."""

import json
from pathlib import Path

import pytest

from embeddings.models.backbones import BACKBONES
from recsys.errors import SettingsError
from recsys.operations.checks import Check, State, run_checks
from recsys.search.recommender import Recommender, is_searchable
from recsys.settings import Settings
from tests.command_line import recsys
from tests.kept import damage_kept, lose_kept


def checked(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in run_checks(settings)}


def test_a_home_that_can_be_searched_has_nothing_that_failed(home: Path) -> None:
    home.chmod(0o700)
    checks = checked(Settings(home=home, stakeholder_key="hush-hush"))
    assert [check.name for check in checks.values() if check.state is State.FAILED] == []
    assert checks["catalogue"].detail == "16 products"
    assert checks["search"].detail == f"1 of {len(BACKBONES)} backbones are ready: EfficientNetLite0"
    assert checks["secrets"].state is State.OK
    assert "hush-hush" not in str(checks)


def test_only_what_is_named_is_looked_at(tmp_path: Path) -> None:
    assert [check.name for check in run_checks(Settings(home=tmp_path), ["secrets", "poll"])] == ["secrets", "poll"]
    with pytest.raises(SettingsError, match=r"Expected checks among home, .*, got serects"):
        run_checks(Settings(home=tmp_path), ["serects"])


def test_an_app_for_others_needs_a_key_or_sign_in(tmp_path: Path) -> None:
    def state(**settings: str | bool) -> State:
        return run_checks(Settings(home=tmp_path, **settings), ["secrets"])[0].state

    assert (state(), state(served=True)) == (State.WARNING, State.FAILED)
    assert state(served=True, stakeholder_key="hush-hush") is State.OK


def test_without_a_catalogue_there_is_no_search(tmp_path: Path) -> None:
    checks = checked(Settings(home=tmp_path))
    assert (checks["catalogue"].state, checks["search"].state) == (State.FAILED, State.FAILED)
    assert checks["secrets"].state is State.WARNING
    assert not is_searchable(Recommender(Settings(home=tmp_path)))


def test_without_vectors_there_is_no_search(home: Path) -> None:
    lose_kept(home / "cache")
    assert checked(Settings(home=home))["search"].state is State.FAILED


def test_with_damaged_vectors_there_is_no_search(home: Path) -> None:
    damage_kept(home / "cache")
    assert checked(Settings(home=home))["search"].state is State.FAILED
    assert not is_searchable(Recommender(Settings(home=home)))


def test_records_that_other_machines_do_not_see_are_reported(tmp_path: Path) -> None:
    (alone,) = run_checks(Settings(home=tmp_path), ["records"])
    (shared,) = run_checks(Settings(home=tmp_path, cache_address="/mnt/shop"), ["records"])
    assert (alone.state, shared.state) == (State.OK, State.WARNING)
    assert "see neither running jobs nor invitations" in shared.detail


def test_damaged_records_are_named(home: Path) -> None:
    checked(Settings(home=home))
    (home / "records" / "records.db").write_bytes(b"no database" * 1000)
    assert checked(Settings(home=home))["records"].state is State.FAILED


def test_a_home_that_others_may_read_is_named(home: Path) -> None:
    home.chmod(0o755)
    check = checked(Settings(home=home))["permissions"]
    assert (check.state, str(home) in check.detail) == (State.WARNING, True)


def test_a_missing_home_is_named(tmp_path: Path) -> None:
    assert "found none: set RECSYS_HOME" in checked(Settings(home=tmp_path / "none"))["home"].detail


def signing_in(home: Path, **more: str) -> Settings:
    settings = {
        "sign_in_issuer": "http://127.0.0.1:1",
        "sign_in_client_id": "search",
        "sign_in_client_secret": "hush-hush",
        "sign_in_address": "https://search.example",
        "employees": "@shop.example",
    }
    return Settings(home=home, **{**settings, **more})


def test_half_of_sign_in_keeps_the_app_from_serving_and_is_named(home: Path) -> None:
    checks = checked(signing_in(home, sign_in_client_secret=""))
    assert checks["sign-in"].state is State.FAILED
    assert "Expected RECSYS_SIGN_IN_CLIENT_SECRET with" in checks["sign-in"].detail
    assert checks["secrets"].state is State.FAILED
    assert checked(signing_in(home, employees="shop.example"))["sign-in"].state is State.FAILED


def test_a_provider_that_does_not_answer_is_named_and_no_secret(home: Path) -> None:
    checks = checked(signing_in(home))
    assert checks["sign-in"].state is State.WARNING
    assert "http://127.0.0.1:1 does not describe itself now" in checks["sign-in"].detail
    assert checks["secrets"].state is State.OK
    assert "hush-hush" not in str(checks)


def test_settings_that_nothing_reads_or_that_do_not_fit_are_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(Settings(home=home, hosts="shop.example, *.office.example"))["settings"].state is State.OK
    wrong = checked(Settings(home=home, hosts="https://shop.example"))["settings"]
    assert (wrong.state, "got https://shop.example" in wrong.detail) == (State.WARNING, True)
    monkeypatch.setenv("RECSYS_STAKEHOLDERS_KEY", "hush-hush")
    unknown = checked(Settings(home=home))["settings"]
    assert unknown == Check("settings", State.WARNING, "Expected settings, but nothing reads RECSYS_STAKEHOLDERS_KEY")


def test_a_served_poll_whose_results_change_with_each_answer_is_named(home: Path) -> None:
    assert checked(Settings(home=home))["poll"].state is State.OK
    assert checked(Settings(home=home, served=True, survey_step=5))["poll"].state is State.OK
    assert checked(Settings(home=home, served=True))["poll"].state is State.WARNING


def test_the_exit_status_tells_a_monitor(home: Path, tmp_path: Path) -> None:
    assert recsys("check", home=home).returncode == 0
    failed = recsys("check", "--json", home=tmp_path / "none")
    assert failed.returncode == 1
    assert json.loads(failed.stdout)["home"]["state"] == "failed"


def test_an_error_is_shown_with_its_remedy(tmp_path: Path) -> None:
    told = recsys("check", "catalogue", home=tmp_path, RECSYS_CACHE=str(tmp_path / "shared")).stdout
    assert "found none: try `python -m recsys catalogue fetch`, or `python -m recsys catalogue import" in told
