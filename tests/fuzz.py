"""`make fuzz`: mutated pictures and CSVs, seeded: each is read, or refused in one clear line, within five seconds."""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from embeddings.errors import KalcareError
from embeddings.imaging.photos import decode_photo
from recsys.catalogue.rows import read_rows
from recsys.catalogue.shop_sql import single_read
from tests.embeddings.imaging.test_photos import damaged, one_of_each_format

MOST_SECONDS, MOST_MEGABYTES = 5, 800
CSV = (
    b'sep=;\nproduct_id;name;image_url;price\nA1;"Susu; ""manis""";a.jpg;15.000\nA2;<b>Teh</b>;//host/b.jpg|c.jpg;1.5\n'
    * 3
)
SQL = b"with x as (select 1 as id) select id as product_id, 'a;b' as name, \"u\" as image_url from x -- end\n;"


def read_csv(content: bytes) -> None:
    """Read it as the import does."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        read_rows(Path(file.name))


def read_sql(content: bytes) -> None:
    """Judge it by three dialects."""
    for database in ("mysql", "postgresql", "sqlite"):
        single_read(content.decode("latin-1"), database)


def fuzz(num_pictures: int, num_others: int, seed: int = 2026) -> dict[str, int]:
    """Read so many of each, and return how many were read and refused; anything else raises."""
    rng = random.Random(seed)
    pictures = one_of_each_format()
    outcomes = {"read": 0, "refused": 0}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def attempt(read: Callable[[bytes], object], content: bytes) -> None:
        start = time.monotonic()
        try:
            read(content)
            outcomes["read"] += 1
        except KalcareError as error:
            outcomes["refused"] += 1
            if "\n" in str(error):
                raise AssertionError(f"Expected one line, got {error}") from error
        if time.monotonic() - start > MOST_SECONDS:
            raise AssertionError(f"Expected {MOST_SECONDS} s at most for {content!r}")

    for number in range(num_pictures):
        attempt(lambda data: decode_photo(data, max_side=1280), damaged(pictures[number % len(pictures)], rng))
    for _ in range(num_others):
        attempt(read_csv, damaged(CSV, rng))
        attempt(read_sql, damaged(SQL, rng))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if grown > MOST_MEGABYTES:
        raise AssertionError(f"Expected {MOST_MEGABYTES} MB at most, got {grown:.0f}")
    return outcomes


if __name__ == "__main__":
    sys.stdout.write(f"{fuzz(10_000, 2_000)}\n")
