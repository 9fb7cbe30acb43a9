"""All tests, in parallel processes: `python -m tests.side_by_side`.

Each part of the tests is a pytest process. All run at once, for which two cores suffice, because tests also wait. Their
output is shown part by part, followed by a summary. The exit status is 0 if all passed.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
NAMED = (
    ("tests/browser",),
    ("tests/embeddings",),
    ("tests/pages", "tests/recsys/demo", "tests/recsys/evaluation"),
)
PARTS = (*NAMED, tuple(f"--ignore={path}" for part in NAMED for path in part))
"""Each part's pytest arguments; about equally long, and the last one is all other tests."""

OUTCOMES = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|warnings?|deselected)")


def start(part: Sequence[str], output: Path) -> "subprocess.Popen[bytes]":
    """Start a part, with its output in a file."""
    command = [sys.executable, "-m", "pytest", *part]
    with output.open("wb") as file:
        return subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)


def show(output: Path, process: "subprocess.Popen[bytes]") -> Counter[str]:
    """Print a part's output until it ends; return its counts of tests by outcome."""
    with output.open(encoding="utf-8", errors="replace") as lines:
        while process.poll() is None:
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            time.sleep(0.2)
        sys.stdout.write(lines.read())
    *_, closing = output.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [""]
    return Counter({outcome.removesuffix("s"): int(number) for number, outcome in OUTCOMES.findall(closing)})


def main() -> int:
    started, total, failed = time.monotonic(), Counter[str](), []
    with TemporaryDirectory() as folder, ExitStack() as stack:  # waits for the processes that Ctrl+C ends
        outputs = [Path(folder) / str(number) for number in range(len(PARTS))]
        processes = [stack.enter_context(start(*part)) for part in zip(PARTS, outputs, strict=True)]
        for part, output, process in zip(PARTS, outputs, processes, strict=True):
            sys.stdout.write(f"\npytest {' '.join(part)}\n")
            total += show(output, process)
            failed += [] if process.returncode == 0 else [" ".join(part)]
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in total.items())
    verdict = f"FAILED: {'; '.join(failed)}" if failed else "passed"
    sys.stdout.write(f"\nAll parts: {outcomes or 'no tests'} in {time.monotonic() - started:.0f} s: {verdict}\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
