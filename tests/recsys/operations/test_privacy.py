import os
import subprocess
import sys
from pathlib import Path

from recsys.operations.privacy import close_home
from recsys.settings import Settings

ROOT = Path(__file__).parents[3]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_home_that_others_could_read_is_closed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    settings.records.mkdir(parents=True)
    settings.cache.mkdir()
    files = [settings.records / "records.db", settings.cache / "catalogue.json"]
    for file in files:
        file.touch(mode=0o644)
    settings.home.chmod(0o755)
    close_home(settings)
    assert [mode(path) for path in (settings.home, *files)] == [0o700, 0o600, 0o600]


def test_what_a_command_writes_is_the_users_from_the_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "recsys", "survey", "summary"]
    environment = {"RECSYS_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    written = [tmp_path / "home", *(tmp_path / "home").rglob("*")]
    assert tmp_path / "home" / "records" / "records.db" in written
    assert {mode(path) & 0o077 for path in written} == {0}


def test_serving_without_a_key_is_refused_unless_that_is_meant() -> None:
    environment = {"PATH": os.environ["PATH"]}
    command = ["make", "-s", "check-key"]
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode
    assert "Expected RECSYS_STAKEHOLDER_KEY" in refused.stderr
    assert not subprocess.run([*command, "OPEN=1"], cwd=ROOT, env=environment, check=False).returncode
    for name in ("RECSYS_STAKEHOLDER_KEY", "RECSYS_SIGN_IN_ISSUER"):
        assert not subprocess.run(command, cwd=ROOT, env=environment | {name: "set"}, check=False).returncode


def test_serving_with_half_of_sign_in_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "RECSYS_HOME": str(tmp_path),
        "RECSYS_SIGN_IN_ISSUER": "https://accounts",
    }
    command = ["make", "-s", "check-secrets"]
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode
    assert "sign-in settings are incomplete" in refused.stdout
    assert "Expected RECSYS_SIGN_IN_CLIENT_ID" in refused.stdout
    assert not list(tmp_path.iterdir())
