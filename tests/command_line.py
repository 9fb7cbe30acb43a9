"""The command line as a user meets it: arguments in; two streams and an exit status out."""

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
    """Run a command in this process: importing what it needs takes a process of its own two seconds."""
    words = [str(argument) for argument in arguments]
    with contextlib.chdir(ROOT):
        result = CliRunner().invoke(
            build_app(), words, env={"RECSYS_HOME": str(home), **environment}, catch_exceptions=False
        )
    return Finished(words, result.exit_code, result.stdout, result.stderr)


def recsys_process(*arguments: object, home: Path, **environment: str) -> Finished:
    """Run a command as a process of its own, as a shell does."""
    return subprocess.run(
        [sys.executable, "-m", "recsys", *map(str, arguments)],
        env={**os.environ, "RECSYS_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def succeeded(result: Finished) -> str:
    """What a command that is done has printed."""
    assert result.returncode == 0, result.stderr
    return result.stdout
