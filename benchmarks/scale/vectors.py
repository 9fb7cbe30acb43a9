"""How search grows with the catalogue: a memory-mapped index of up to a million rows, against a plain copy."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.search import unit_vectors
from benchmarks.timing import Verdict, at_most, cpu_seconds, seconds
from recsys.search.index import CosineIndex

ROWS = (5_000, 50_000, 200_000, 1_000_000)
FROM = 50_000  # fewer rows fit the processor's cache
DIM = 1280
BLOCK_ROWS = 50_000
GIGABYTE = 1e9


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    yield f"a plain copy in memory reads {_copy_bandwidth() / GIGABYTE:.1f} GB/s"
    block = unit_vectors(BLOCK_ROWS, DIM)
    nanoseconds = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npy"
        for num_rows in ROWS:
            matrix = np.lib.format.open_memmap(path, "w+", np.float32, (num_rows, DIM))
            for start in range(0, num_rows, BLOCK_ROWS):
                part = matrix[start : start + BLOCK_ROWS]
                part[:] = np.roll(block[: len(part)], start // BLOCK_ROWS, axis=1)
            del matrix
            index = CosineIndex(np.load(path, mmap_mode="r"))
            query = np.array(block[17])
            index.top(query, 5)
            taken = median(seconds(partial(index.top, query, 5)) for _ in range(9))
            worked = median(cpu_seconds(partial(index.top, query, 5)) for _ in range(9))
            nanoseconds[num_rows] = taken / num_rows * 1e9
            bandwidth = num_rows * DIM * 4 / taken / GIGABYTE
            yield (
                f"{num_rows:>9,} x {DIM:,}: {taken * 1000:6.1f} ms, {worked * 1000:.1f} of CPU, "
                f"{nanoseconds[num_rows]:.0f} ns a row, {bandwidth:.1f} GB/s"
            )
            del index
    grown = max(taken for rows, taken in nanoseconds.items() if rows >= FROM) / nanoseconds[FROM]
    yield at_most(1.3, "times").line("time per row as the index grows from 50,000 rows", grown)


def _copy_bandwidth() -> float:
    """The bytes per second that a copy of a large array reads."""
    source = np.ones(200_000_000, np.float32)
    target = np.empty_like(source)
    np.copyto(target, source)
    return source.nbytes / median(seconds(lambda: np.copyto(target, source)) for _ in range(5))
