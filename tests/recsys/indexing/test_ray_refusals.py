"""What the command says if no cluster can encode."""

import sys
from pathlib import Path

import pytest

from embeddings.models.backbones import Backbone
from recsys.indexing.launch import jobs_of
from recsys.settings import Settings
from tests.command_line import recsys
from tests.postgresql import running_server


def test_a_second_run_does_not_wait(home: Path, bundled: Backbone) -> None:
    with jobs_of(Settings(home=home)).owned(bundled.name):
        result = recsys("embed", "--engine", "ray", home=home)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: Expected nobody to work on EfficientNetLite0")


def test_a_second_run_on_another_machine_does_not_wait(home: Path, bundled: Backbone, tmp_path: Path) -> None:
    with running_server() as records:
        other = Settings(home=tmp_path / "other", records_database_url=records.address)
        with jobs_of(other).owned(bundled.name):
            result = recsys("embed", "--engine", "ray", home=home, RECSYS_RECORDS_DATABASE_URL=records.address)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: Expected nobody to work on EfficientNetLite0")


def test_an_address_of_another_kind_is_refused(home: Path) -> None:
    result = recsys("embed", "--engine", "ray", "--address", "head:6379", home=home)
    assert result.returncode == 2
    assert "ray://HOST:PORT" in result.stderr


def test_without_ray_one_line_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "recsys.indexing.ray_engine")
    result = recsys("embed", "--engine", "ray", home=home)
    expected = "Error: Expected Ray for the engine ray, found none: try `make setup-cluster`.\n"
    assert (result.returncode, result.stderr) == (1, expected)
