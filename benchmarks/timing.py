"""Timing calls against each other: in turn, so that a noisy machine slows both alike."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

ROUNDS = 40
WARM_UP = 5


@dataclass(frozen=True)
class Target:
    """A figure that was asked for, and whether more or less of it is better."""

    limit: float
    unit: str
    at_least: bool

    def line(self, what: str, value: float) -> str:
        """A line of the report."""
        met = value >= self.limit if self.at_least else value <= self.limit
        bound = "at least" if self.at_least else "at most"
        return f"{'met   ' if met else 'MISSED'}  {what}: {value:.3g} {self.unit} ({bound} {self.limit:g})"


def at_least(limit: float, unit: str = "times") -> Target:
    """A figure that should be high."""
    return Target(limit, unit, at_least=True)


def at_most(limit: float, unit: str) -> Target:
    """A figure that should be low."""
    return Target(limit, unit, at_least=False)


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes, in seconds."""
    started = perf_counter()
    call()
    return perf_counter() - started


def medians(*calls: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The median time of each call, in seconds, over rounds in which every call has one turn."""
    for _ in range(WARM_UP):
        for call in calls:
            call()
    times = [[seconds(call) for call in calls] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]
