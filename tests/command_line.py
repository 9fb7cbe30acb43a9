"""The command line from outside: arguments in; two streams and an exit status out."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from recsys.cli.main import build_app

ROOT = Path(__file__).parents[1]

Finished = subprocess.CompletedProcess[str]


def recsys(*arguments: object, home: Path, **environment: str) -> Finished:
    """Run a command in this process: a new process spends two seconds on imports."""
    words = [str(argument) for argument in arguments]
    with contextlib.chdir(ROOT):
        result = CliRunner().invoke(
            build_app(), words, env={"RECSYS_HOME": str(home), **environment}, catch_exceptions=False
        )
    return Finished(words, result.exit_code, result.stdout, result.stderr)


def recsys_process(*arguments: object, home: Path, **environment: str) -> Finished:
    """Run a command as a separate process, as a shell does."""
    return subprocess.run(
        [sys.executable, "-m", "recsys", *map(str, arguments)],
        env={**os.environ, "RECSYS_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def succeeded(result: Finished) -> str:
    """The output of a command that must have succeeded."""
    assert result.returncode == 0, result.stderr
    return result.stdout
