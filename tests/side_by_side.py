"""All tests, in processes side by side: `python -m tests.side_by_side`.

Each part of the tests is a process of pytest. As many run at a time as there are cores, and one more, because tests
also wait; where one has ended the next begins. What they print is shown part by part, and at the end what came of
all. The exit status is 0 where all passed.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
LONG = ("tests/browser", "tests/recsys", "tests/embeddings")
PARTS = {**{path: [path] for path in LONG}, "all other tests": [f"--ignore={path}" for path in LONG]}
"""The arguments of pytest for each part, the longest first, so that the last one is short."""

AT_A_TIME = (os.cpu_count() or 1) + 1
OUTCOMES = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|warnings?|deselected)")


def run(arguments: Sequence[str], output: Path) -> int:
    """Run a part to its end; its exit status."""
    with output.open("wb") as file:
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, check=False).returncode


def show(output: Path, part: "Future[int]") -> Counter[str]:
    """Print what a part prints, until it ends; how many tests it says came to which end."""
    with output.open(encoding="utf-8", errors="replace") as lines:
        while not part.done():
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            time.sleep(0.2)
        sys.stdout.write(lines.read())
    *_, closing = output.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [""]
    return Counter({outcome.removesuffix("s"): int(number) for number, outcome in OUTCOMES.findall(closing)})


def main() -> int:
    started, total, failed = time.monotonic(), Counter[str](), []
    with TemporaryDirectory() as folder, ThreadPoolExecutor(AT_A_TIME) as pool:
        outputs = {name: Path(folder) / str(number) for number, name in enumerate(PARTS)}
        for output in outputs.values():
            output.touch()
        parts = {name: pool.submit(run, arguments, outputs[name]) for name, arguments in PARTS.items()}
        try:
            for name, part in parts.items():
                sys.stdout.write(f"\n{name}\n")
                total += show(outputs[name], part)
                failed += [name] if part.result() else []
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl+C, which ends those that run
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in total.items())
    verdict = f"FAILED: {', '.join(failed)}" if failed else "passed"
    sys.stdout.write(f"\nAll parts: {outcomes or 'no tests'} in {time.monotonic() - started:.0f} s: {verdict}\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
