"""Known vulnerabilities in the locked packages, for `make lint`: `python -m tests.advisories`.

If PyPI's advisories cannot be reached, or not in time, it says so and passes: `make lint` works offline.
"""

import json
import subprocess
import sys
from pathlib import Path

import httpx

LOCKS = ("requirements.lock", "requirements-dev.lock")
PROBE = "https://pypi.org/pypi/pip/24.0/json"  # where pip-audit asks; mirrors often lack these answers
PROBE_SECONDS, MOST_SECONDS = 2, 8
COMMAND = ("pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner=off", "--timeout=3", "--format=json")


def obstacle(address: str = PROBE) -> str | None:
    """Why the advisories cannot be queried from here; None if they can."""
    try:
        answer = httpx.get(address, timeout=PROBE_SECONDS, follow_redirects=True)
    except httpx.HTTPError as error:
        return f"{address} does not answer ({type(error).__name__})"
    if answer.status_code != httpx.codes.OK or b'"vulnerabilities"' not in answer.content:
        return f"{address} answers {answer.status_code}, without advisories"
    return None


def verdict(report: str) -> tuple[list[str], str]:
    """The vulnerabilities in pip-audit's report, one per line, and how many packages it could judge."""
    packages = json.loads(report)["dependencies"]
    judged = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'none'}"
        for package in judged
        for one in package["vulns"]
    ]
    return found, f"{len(judged)} of {len(packages)} packages"


def main() -> int:
    """Return the exit status."""
    if reason := obstacle():
        return _passed_over(reason)
    locks = [argument for lock in LOCKS for argument in ("--requirement", lock)]
    try:
        audit = subprocess.run(
            [sys.executable, "-m", *COMMAND, *locks],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _passed_over(f"not done in {MOST_SECONDS} s; what was answered is kept for the next time")
    if not audit.stdout:
        last = (audit.stderr.strip().splitlines() or ["no answer"])[-1]
        sys.stderr.write(f"pip-audit failed: {last[:300]}\n")
        return 1
    found, judged = verdict(audit.stdout)
    sys.stdout.write("".join(f"{line}\n" for line in found) + f"pip-audit: {len(found)} vulnerabilities in {judged}.\n")
    return 1 if found else 0


def _passed_over(reason: str) -> int:
    sys.stdout.write(f"pip-audit: not run, {reason}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
