"""What the command line prints: results on standard output, progress and notes on standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from recsys.indexing.rates import Rate
    from recsys.settings import Settings

FAILED = 1  # the exit status after a known error


def print_line(text: str) -> None:
    """Print a line of a result on standard output, unchanged."""
    sys.stdout.write(f"{_printable(text)}\n")


def print_note(text: str) -> None:
    """Print a note on standard error."""
    sys.stderr.write(f"{_printable(text)}\n")


def note_only_here(settings: "Settings") -> None:
    """Warn people who start a job if other machines cannot see it."""
    from recsys.indexing.launch import only_here

    if told := only_here(settings):
        print_note(f"Note: {told}.")


def print_error(text: str) -> None:
    """Print a known error on standard error, on one line."""
    print_note(f"Error: {' '.join(text.split())}")


def print_rates(name: str, rates: Mapping[str, "Rate"]) -> None:
    """Print on standard error how fast rows of each kind were made, and what limited it; nothing if none were made."""
    if texts := [_rate_text(kind, rate) for kind, rate in rates.items() if rate.count]:
        print_note(f"{name}: {'; '.join(texts)}.")


def _rate_text(kind: str, rate: "Rate") -> str:
    (limit, share), *others = rate.shares.items()
    rest = ", ".join(f"{part} {other:.0%}" for part, other in others)
    return f"{rate.per_second:,.0f} {kind} a second, limited by {limit} ({share:.0%} of the waiting; {rest})"


def print_json(content: Any) -> None:
    """Print one JSON object on standard output, in ASCII, so that no text can control the terminal."""
    sys.stdout.write(f"{json.dumps(content, indent=2)}\n")


def _printable(text: str) -> str:
    """The text without characters that move a terminal's cursor or colour it: names come from the shop."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


class _Rate(ProgressColumn):
    """The rate per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "")


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each stage that reports progress, with its rate and the time left.

    Yields the function that moves the bars: (stage, done, total).
    """
    columns = (
        TextColumn("{task.description:20}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield advance


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show one bar; yields the function that moves it: (done, total)."""
    with progress_bars() as advance:
        yield lambda done, total: advance(title, done, total)


def both(bar: Callable[[int, int], None], job: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Move the bar, and report the progress to the app."""

    def advance(done: int, total: int) -> None:
        bar(done, total)
        job(done, total)

    return advance
