"""`make fuzz`: mutated pictures, CSVs, queries and weights, seeded: each is read, or refused in one line, in time.

A name runs one kind alone, as in `python -m tests.fuzz pictures`. Seconds are CPU time.
"""

import faulthandler
import importlib
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from embeddings.errors import KalcareError
from embeddings.imaging.photos import decode_photo
from embeddings.models.checkpoints import read_checkpoint
from recsys.catalogue.rows import read_rows
from recsys.catalogue.shop_sql import single_read
from tests.embeddings.imaging.test_photos import damaged, one_of_each_format
from tests.embeddings.models.test_checkpoints import legacy_file

MOST_SECONDS, MOST_MEGABYTES, HUNG_SECONDS = 5, 800, 120
CSV = (
    b'sep=;\nproduct_id;name;image_url;price\nA1;"Susu; ""manis""";a.jpg;15.000\nA2;<b>Teh</b>;//host/b.jpg|c.jpg;1.5\n'
    * 3
)
SQL = b"with x as (select 1 as id) select id as product_id, 'a;b' as name, \"u\" as image_url from x -- end\n;"


@dataclass
class Outcome:
    """The results for the files of one kind, and the costs of the worst of them."""

    read: int = 0
    refused: int = 0
    slowest_seconds: float = 0.0
    grown_megabytes: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.read} read, {self.refused} refused, the slowest in {self.slowest_seconds:.2f} s, "
            f"{self.grown_megabytes:.0f} MB at most"
        )


def attempt(read: Callable[[bytes], object], contents: Iterator[bytes]) -> Outcome:
    """Read each of the contents; raise for any that is neither read nor refused in one line, in time."""
    outcome, before = Outcome(), _peak_megabytes()
    for content in contents:
        started = time.process_time()
        faulthandler.dump_traceback_later(HUNG_SECONDS, exit=True)
        try:
            read(content)
            outcome.read += 1
        except KalcareError as error:
            outcome.refused += 1
            if "\n" in str(error):
                raise AssertionError(f"Expected one line, got {error}") from error
        finally:
            faulthandler.cancel_dump_traceback_later()
        outcome.slowest_seconds = max(outcome.slowest_seconds, time.process_time() - started)
        outcome.grown_megabytes = _peak_megabytes() - before
        if outcome.slowest_seconds > MOST_SECONDS or outcome.grown_megabytes > MOST_MEGABYTES:
            raise AssertionError(
                f"Expected {MOST_SECONDS} s and {MOST_MEGABYTES} MB, got {outcome} for {content[:500]!r}"
            )
    return outcome


def pictures(count: int, rng: random.Random) -> Outcome:
    """Decode pictures of every format like a visitor's."""
    of_each = one_of_each_format()
    contents = (damaged(of_each[number % len(of_each)], rng) for number in range(count))
    return attempt(partial(decode_photo, max_side=1280), contents)


def csvs(count: int, rng: random.Random) -> Outcome:
    """Read CSVs as the import does."""
    return attempt(partial(in_a_file, read_rows, ".csv"), (damaged(CSV, rng) for _ in range(count)))


def queries(count: int, rng: random.Random) -> Outcome:
    """Judge queries for the export in three dialects."""

    def judge(content: bytes) -> None:
        for database in ("mysql", "postgresql", "sqlite"):
            single_read(content.decode("latin-1"), database)

    return attempt(judge, (damaged(SQL, rng) for _ in range(count)))


def checkpoints(count: int, rng: random.Random) -> Outcome:
    """Read PyTorch's checkpoints."""
    with tempfile.TemporaryDirectory() as folder:
        path = legacy_file(Path(folder) / "w.pth", np.arange(6, dtype=np.float32), shape=(3, 2), strides=(1, 3))
        content = path.read_bytes()
    return attempt(partial(in_a_file, read_checkpoint, ".pth"), (damaged(content, rng) for _ in range(count)))


KINDS: dict[str, tuple[Callable[[int, random.Random], Outcome], int]] = {
    "pictures": (pictures, 10_000),
    "csvs": (csvs, 2_000),
    "queries": (queries, 2_000),
    "checkpoints": (checkpoints, 2_000),
}


def main(names: list[str]) -> None:
    """Run all or the named kinds."""
    for name in names or [*KINDS, "weights"]:
        if name == "weights":  # Keras is loaded last: it takes memory
            kind, count = importlib.import_module("tests.fuzz_weights").keras_weights, 2_000
        else:
            kind, count = KINDS[name]
        started = time.monotonic()
        outcome = kind(count, random.Random(2026))
        sys.stdout.write(f"{name}: {outcome}; {time.monotonic() - started:.0f} s in all\n")
        sys.stdout.flush()


def in_a_file(read: Callable[[Path], object], suffix: str, content: bytes) -> None:
    """Pass the content to `read` as a file."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(content)
        file.flush()
        read(Path(file.name))


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
