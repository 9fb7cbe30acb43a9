"""The catalogue and the search by words at scale: each process of the app reads the one and builds the other.

The products are the demo's, repeated with other ids: real texts, but a query's words occur in that many times more of
them.
"""

import gc
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

import psutil

from benchmarks.scale.processes import in_new_process
from benchmarks.text import demo_products, queries
from benchmarks.timing import cpu_seconds
from recsys.catalogue.products import Catalogue, ImageSource, catalogue_json, catalogue_path, load_catalogue
from recsys.search.text_search import TextSearch

SIZES = (5_256, 200_000, 1_000_000)
NUM_QUERIES = 40
MEGABYTE = 1e6


@dataclass(frozen=True)
class Figures:
    """CPU seconds to read the catalogue and to index its words, megabytes for each, milliseconds per query."""

    read_seconds: float
    catalogue_megabytes: float
    index_seconds: float
    index_megabytes: float
    query_milliseconds: list[float]


def run() -> Iterator[str]:
    """Yield the lines of the report."""
    for size in SIZES:
        with TemporaryDirectory() as folder:
            file_megabytes = in_new_process(partial(_write, Path(folder), size))
            figures = in_new_process(partial(_measure, Path(folder)))
        asked = sorted(figures.query_milliseconds)
        yield (
            f"{size:>9,} products: catalogue.json {file_megabytes:,.1f} MB, read in {figures.read_seconds:.2f} s of "
            f"CPU, {figures.catalogue_megabytes:,.0f} MB in each process"
        )
        yield (
            f"{'':9} words indexed in {figures.index_seconds:.1f} s of CPU, {figures.index_megabytes:,.0f} MB; a query "
            f"{median(asked):.1f} ms of CPU, 95% within {asked[int(0.95 * len(asked))]:.1f} ms"
        )


def _write(cache: Path, size: int) -> float:
    """Write a catalogue of this many products; return its megabytes."""
    products, sources = [], {}
    for number, product in enumerate(islice(cycle(demo_products()), size)):
        key = sha256(str(number).encode()).hexdigest()
        one = replace(product, product_id=f"{product.product_id}-{number}", image_key=key, price=9.9, currency="IDR")
        products.append(one)
        sources[one.product_id] = ImageSource(
            f"https://images.shop.example/products/{number}.jpg", key, etag=f'"{number}"'
        )
    content = catalogue_json(Catalogue(tuple(products), sources)).encode()
    catalogue_path(cache).write_bytes(content)
    return len(content) / MEGABYTE


def _measure(cache: Path) -> Figures:
    started, before = process_time(), _megabytes()
    catalogue = load_catalogue(cache)
    read, with_catalogue = process_time(), _megabytes()
    search = TextSearch(catalogue.products)
    indexed, with_index = process_time(), _megabytes()
    asked = queries(catalogue.products, random.Random(2023), NUM_QUERIES)
    times = [1000 * cpu_seconds(partial(search.find, query)) for query in asked]
    return Figures(read - started, with_catalogue - before, indexed - read, with_index - with_catalogue, times)


def _megabytes() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss / MEGABYTE)
