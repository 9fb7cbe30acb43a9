"""All tests, in processes side by side: `python -m tests.side_by_side`.

Each part of the tests is a process of pytest. All run at once, which two cores are enough for, because tests also
wait. What they print is shown part by part, and at the end what came of all. The exit status is 0 where all passed.
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
"""The arguments of pytest for each part; about equally long, and the last one is all other tests."""

OUTCOMES = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|warnings?|deselected)")


def start(part: Sequence[str], output: Path) -> "subprocess.Popen[bytes]":
    """Start a part, which prints to a file."""
    command = [sys.executable, "-m", "pytest", *part]
    with output.open("wb") as file:
        return subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)


def show(output: Path, process: "subprocess.Popen[bytes]") -> Counter[str]:
    """Print what a part prints, until it ends; how many tests it says came to which end."""
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
    with TemporaryDirectory() as folder, ExitStack() as stack:  # which waits for those that Ctrl+C ends
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
