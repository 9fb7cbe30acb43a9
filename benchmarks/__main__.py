"""Run every benchmark, or those that are named: `python -m benchmarks [NAME ...]`."""

import importlib
import os
import platform
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

NAMES = ("search", "scale", "text", "encoding", "backbones", "demo", "app")


def main(names: list[str]) -> None:
    """Print each benchmark's figures as they come."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in names or NAMES:
        if name not in NAMES:
            sys.exit(f"Expected a benchmark out of {', '.join(NAMES)}, got {name!r}.")
        print(f"\n{name}")
        for line in importlib.import_module(f"benchmarks.{name}").run():
            print(f"  {line}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
