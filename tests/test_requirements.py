"""The requirements agree: each pin has a purpose, occurs once, and is in the lock that `make setup` installs."""

import ast
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = ("requirements.txt", "requirements-cluster.txt", "requirements-dev.txt")
PRODUCT = ("recsys", "embeddings", "pages")
PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,]+\])?==(?P<version>[\w.]+)", re.MULTILINE)


def pins(name: str) -> list[tuple[str, str]]:
    """The packages that a file pins, with their versions, in order."""
    text = (ROOT / name).read_text()
    return [(found["name"].lower().replace("_", "-"), found["version"]) for found in PIN.finditer(text)]


@pytest.mark.parametrize("name", ["requirements", "requirements-cluster", "requirements-dev"])
def test_the_lock_pins_each_direct_dependency_at_its_version(name: str) -> None:
    missing = set(pins(f"{name}.txt")) - set(pins(f"{name}.lock"))
    assert not missing, "run make lock"


def test_development_installs_what_the_app_runs_on() -> None:
    for name in ("requirements.lock", "requirements-cluster.lock"):
        assert set(pins(name)) <= set(pins("requirements-dev.lock"))


def test_no_dependency_is_named_twice() -> None:
    names = [name for file in FILES for name, _version in pins(file)]
    assert sorted(names) == sorted(set(names))


def test_what_the_product_imports_is_pinned_by_name() -> None:
    sources = [ROOT / "streamlit_app.py", *(path for name in PRODUCT for path in (ROOT / name).rglob("*.py"))]
    nodes = [node for path in sources for node in ast.walk(ast.parse(path.read_text()))]
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    installed = packages_distributions()
    pinned = {name for file in FILES[:2] for name, _version in pins(file)}
    modules = {module.partition(".")[0] for module in imported} & installed.keys()
    assert len(modules) > 30
    brought = {one for one in modules if not pinned & {name.lower().replace("_", "-") for name in installed[one]}}
    assert not brought


@pytest.mark.parametrize("name", FILES)
def test_every_dependency_says_what_it_is_for(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    purposes = [line for number, line in enumerate(lines) if "==" in line and "#" not in line + lines[number - 1]]
    assert not purposes


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-cluster.lock", "requirements-dev.lock"])
def test_every_locked_package_has_its_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in block for block in blocks)
