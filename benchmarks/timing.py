"""Timing calls against each other: in turn, so that a noisy machine slows both alike."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

ROUNDS = 40
WARM_UP = 5


@dataclass(frozen=True)
class Verdict:
    """A figure and its target."""

    what: str
    value: float
    target: "Target"

    @property
    def is_met(self) -> bool:
        return self.value >= self.target.limit if self.target.at_least else self.value <= self.target.limit

    def __str__(self) -> str:
        bound = "at least" if self.target.at_least else "at most"
        verdict = "met   " if self.is_met else "MISSED"
        return f"{verdict}  {self.what}: {self.value:.3g} {self.target.unit} ({bound} {self.target.limit:g})"


@dataclass(frozen=True)
class Target:
    """A target, and whether more or less is better."""

    limit: float
    unit: str
    at_least: bool

    def line(self, what: str, value: float) -> Verdict:
        """A line of the report, which is repeated at its end."""
        return Verdict(what, value, self)


def at_least(limit: float, unit: str = "times") -> Target:
    """A figure that should be high."""
    return Target(limit, unit, at_least=True)


def at_most(limit: float, unit: str) -> Target:
    """A figure that should be low."""
    return Target(limit, unit, at_least=False)


def seconds(call: Callable[[], object]) -> float:
    """The duration of one call, in seconds."""
    started = perf_counter()
    call()
    return perf_counter() - started


def cpu_seconds(call: Callable[[], object]) -> float:
    """The CPU seconds of one call, all threads together: the same on a busy machine."""
    started = process_time()
    call()
    return process_time() - started


def medians(*calls: Callable[[], object], rounds: int = ROUNDS, warm_up: int = WARM_UP) -> list[float]:
    """The median duration of each call, in seconds, over rounds in which every call has one turn."""
    for _ in range(warm_up):
        for call in calls:
            call()
    times = [[seconds(call) for call in calls] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]
