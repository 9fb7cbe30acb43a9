"""All tests, in two processes side by side: `python -m tests.side_by_side`.

Pages and browser are one half, all the rest the other. What the first prints is shown as it comes, what the
second prints after it, and at the end what came of both. The exit status is 0 where both passed.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
PAGES = ("tests/pages", "tests/browser")
OUTCOMES = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|warnings?|deselected)")


@dataclass(frozen=True)
class Half:
    """A process of pytest, and what it prints."""

    name: str
    process: "subprocess.Popen[bytes]"
    output: Path

    def show(self) -> Counter[str]:
        """Print what it prints, until it ends; how many tests it says came to which end."""
        sys.stdout.write(f"\n{self.name}\n")
        with self.output.open(encoding="utf-8", errors="replace") as output:
            while self.process.poll() is None:
                sys.stdout.write(output.read())
                sys.stdout.flush()
                time.sleep(0.2)
            sys.stdout.write(output.read())
        return counts(self.output.read_text(encoding="utf-8", errors="replace"))


def counts(output: str) -> Counter[str]:
    """The numbers of pytest's closing line."""
    *_, closing = output.strip().splitlines() or [""]
    return Counter({outcome.removesuffix("s"): int(number) for number, outcome in OUTCOMES.findall(closing)})


def begin(name: str, arguments: Sequence[str], output: Path) -> Half:
    command = [sys.executable, "-m", "pytest", *arguments]
    with output.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
    return Half(name, process, output)


def main() -> int:
    started = time.monotonic()
    with TemporaryDirectory() as folder:
        halves = [
            begin("All but pages and browser", [f"--ignore={name}" for name in PAGES], Path(folder) / "rest"),
            begin("Pages and browser", PAGES, Path(folder) / "pages"),
        ]
        try:
            total = sum((half.show() for half in halves), Counter[str]())
        finally:
            for half in halves:
                half.process.terminate()
                half.process.wait()
    failed = [half.name for half in halves if half.process.returncode]
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in total.items())
    verdict = f"FAILED: {', '.join(failed)}" if failed else "passed"
    sys.stdout.write(f"\nBoth halves: {outcomes or 'no tests'} in {time.monotonic() - started:.0f} s: {verdict}\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
