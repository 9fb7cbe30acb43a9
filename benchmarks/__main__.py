"""Run all or the named benchmarks, and say which targets are met: `python -m benchmarks [NAME ...]`."""

import importlib
import os
import platform
import sys

from benchmarks.timing import Verdict

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

NAMES = (
    "search",
    "scale",
    "stores",
    "text",
    "barcodes",
    "encoding",
    "refined",
    "backbones",
    "demo",
    "app",
    "load",
    "cluster",
    "bombs",
)


def main(names: list[str]) -> None:
    """Print each benchmark's figures as they come, and all its targets again at the end."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {_load()}")
    verdicts = []
    for name in names or NAMES:
        if name not in NAMES:
            sys.exit(f"Expected a benchmark out of {', '.join(NAMES)}, got {name!r}.")
        print(f"\n{name}")
        for line in importlib.import_module(f"benchmarks.{name}").run():
            print(f"  {line}", flush=True)
            verdicts += [line] if isinstance(line, Verdict) else []
    print(f"\ntargets; {_load()}")
    for verdict in verdicts:
        print(f"  {verdict}")


def _load() -> str:
    """How busy the machine is, to judge how reliable its figures are."""
    return f"load of the last minute {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
