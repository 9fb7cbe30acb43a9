"""All tests, in parallel processes: `python -m tests.side_by_side`.

Each part of the tests is a pytest process. All run at once, for which two cores suffice, because tests also wait; those
in the browser, where a person would wait, go first. Their output is shown part by part, followed by a summary. The exit
status is 0 if all passed.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
BROWSER = ("tests/browser",)
NAMED = (
    BROWSER,
    ("tests/embeddings/models",),
    ("tests/recsys/search", "tests/recsys/demo"),
    ("tests/recsys/indexing",),
    ("tests/pages", "tests/recsys/evaluation", "tests/embeddings/features"),
)
PARTS = (*NAMED, tuple(f"--ignore={path}" for part in NAMED for path in part))
"""Each part's pytest arguments; all but the browser's need about as much CPU. The last one is all other tests."""

OUTCOMES = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|warnings?|deselected)")


def run(part: Sequence[str], output: Path) -> int:
    """Run a part, with its output in a file of the run's folder; return its exit status."""
    priority = () if part == BROWSER else ("nice", "-n", "4")
    command = [*priority, sys.executable, "-m", "pytest", *part]
    environment = {**os.environ, "KALCARE_TEST_RUN": str(output.parent)}
    # A hundred processes import the app: compile it once, also where the system asks for no compiled files.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with output.open("wb") as file:
        return subprocess.run(
            command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False
        ).returncode


def show(output: Path, status: "Future[int]") -> Counter[str]:
    """Print a part's output until it ends; return its counts of tests by outcome."""
    output.touch()
    with output.open(encoding="utf-8", errors="replace") as lines:
        while not status.done():
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            time.sleep(0.2)
        sys.stdout.write(lines.read())
    *_, closing = output.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [""]
    return Counter({outcome.removesuffix("s"): int(number) for number, outcome in OUTCOMES.findall(closing)})


def main() -> int:
    started, total, failed = time.monotonic(), Counter[str](), []
    with TemporaryDirectory() as folder, ExitStack() as stack:
        outputs = [Path(folder) / str(number) for number in range(len(PARTS))]
        pool = ThreadPoolExecutor(len(PARTS))
        stack.callback(pool.shutdown)  # waits for those that Ctrl+C ends
        statuses = [pool.submit(run, *part) for part in zip(PARTS, outputs, strict=True)]
        for part, output, status in zip(PARTS, outputs, statuses, strict=True):
            sys.stdout.write(f"\npytest {' '.join(part)}\n")
            total += show(output, status)
            failed += [] if status.result() == 0 else [" ".join(part)]
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in total.items())
    verdict = f"FAILED: {'; '.join(failed)}" if failed else "passed"
    sys.stdout.write(f"\nAll parts: {outcomes or 'no tests'} in {time.monotonic() - started:.0f} s: {verdict}\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
