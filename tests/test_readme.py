"""The README and the documents it links to name what exists: commands, backbones, pages, settings, files."""

import re
from itertools import chain
from pathlib import Path

import pytest
import typer

from embeddings.models.backbones import BACKBONES
from recsys.cli.main import build_app
from recsys.settings import Settings, environment_name

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in DOCUMENTS}
README = TEXTS["README.md"]


def command_names() -> list[str]:
    group = typer.main.get_command(build_app())
    names = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        names += [f"{name} {inner}" for inner in below]
        if not below or command.invoke_without_command:
            names.append(name)
    return names


def links_of(path: Path) -> list[str]:
    return re.findall(r"\]\(([^)#:]+)\)", TEXTS[path.name])


@pytest.mark.parametrize("name", command_names())
def test_every_command_is_named(name: str) -> None:
    assert f"`python -m recsys {name}`" in README


@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_is_named(name: str) -> None:
    assert re.search(rf"\b{name}\b", README)


@pytest.mark.parametrize("page", sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
def test_every_page_is_named(page: str) -> None:
    assert f"pages/{page}.py" in README


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_named(field: str) -> None:
    assert f"| `{environment_name(field)}` |" in TEXTS["reference.md"]


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(chain(*map(str.split, re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))))
    named = set(re.findall(r"(?:`|^\s+)make ([a-z-]+)", "\n".join(TEXTS.values()), re.MULTILINE))
    assert {"run", "serve", "test", "check", "bench", "lock"} <= named <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_links_exists(path: Path) -> None:
    assert [link for link in links_of(path) if not (path.parent / link).exists()] == []


def test_every_document_is_reached_from_the_readme() -> None:
    assert {f"docs/{path.name}" for path in DOCUMENTS if path.parent == ROOT / "docs"} <= set(
        links_of(ROOT / "README.md")
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_in_a_document_is_one_that_the_program_takes(path: Path) -> None:
    lines = re.findall(r"^\s*(?:\S+=\S+ )*\.venv/bin/python -m recsys (.+)$", TEXTS[path.name], re.MULTILINE)
    for line in lines:
        words = [word for word in line.split("#")[0].split() if not word.startswith("-")]
        assert any(" ".join(words[:2]) == name or words[0] == name for name in command_names()), line


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 170
