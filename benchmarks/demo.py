"""The whole demo in an empty data home: render, export, import, embed."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.timing import Verdict, at_most, seconds

LIMIT_SECONDS = 180


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "recsys", "demo"]
        taken = seconds(lambda: subprocess.run(command, env={**os.environ, "RECSYS_HOME": home}, check=True))
    yield at_most(LIMIT_SECONDS, "s").line("the demo of 5,256 products, from render to index", taken)
