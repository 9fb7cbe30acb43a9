"""The README names what there is: every command, backbone, page, setting and file."""

import re
from pathlib import Path

import pytest
import typer

from embeddings.models.backbones import BACKBONES
from recsys.cli.main import build_app
from recsys.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def command_names() -> list[str]:
    group = typer.main.get_command(build_app())
    names = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        names += [f"{name} {inner}" for inner in below]
        if not below or command.invoke_without_command:
            names.append(name)
    return names


@pytest.mark.parametrize("name", command_names())
def test_every_command_is_named(name: str) -> None:
    assert f"python -m recsys {name}" in README


@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_is_named(name: str) -> None:
    assert name in README


@pytest.mark.parametrize("page", sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
def test_every_page_is_named(page: str) -> None:
    assert f"pages/{page}.py" in README


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_named(field: str) -> None:
    assert f"RECSYS_{field.upper()}" in README


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    targets += ["run", "serve"]
    named = set(re.findall(r"`?make ([a-z]+)", README))
    assert {"run", "serve", "test", "check", "bench", "setup"} <= named <= set(targets)


def test_every_file_that_the_readme_links_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_line_in_the_readme_is_one_that_the_program_takes() -> None:
    lines = re.findall(r"^\s*(?:\S+=\S+ )*\.venv/bin/python -m recsys (.+)$", README, re.MULTILINE)
    assert lines
    for line in lines:
        words = [word for word in line.split("#")[0].split() if not word.startswith("-")]
        assert any(" ".join(words[:2]) == name or words[0] == name for name in command_names()), line
