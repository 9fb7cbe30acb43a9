"""What grows with the catalogue, and how: vectors, indexes that replace them, the catalogue and its words, print."""

from collections.abc import Iterator

from benchmarks.scale import catalogue, indexes, print_votes, vectors
from benchmarks.timing import Verdict


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report. Raises CatalogueError if the home (RECSYS_HOME) has no demo shop."""
    yield from indexes.run()
    yield from vectors.run()
    yield from catalogue.run()
    yield from print_votes.run()
