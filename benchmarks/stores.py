"""The stored data of 5,256 pictures: SQLite, and Lance in a folder and in a bucket on loopback, in one run."""

import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import httpx
import numpy as np
from moto.server import ThreadedMotoServer

from benchmarks.search import unit_vectors
from benchmarks.timing import Verdict, seconds
from embeddings.features.descriptions import record_type
from embeddings.features.lance_store import LanceStore
from embeddings.features.sqlite_store import SqliteStore
from embeddings.features.store import Records, Store
from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.compiled import NetworkIdentity
from recsys.demo import STUDY_SIZE

IDENTITY = NetworkIdentity("of the benchmark", "00" * 32, "none")
ROUNDS = 20
BUCKET = "kalcare"


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    records, kind = _records(), record_type(BUNDLED_CHOICE)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_REGION": "us-east-1"}
    os.environ |= {"AWS_ACCESS_KEY_ID": "kalcare", "AWS_SECRET_ACCESS_KEY": "of a benchmark"}
    httpx.put(f"http://{host}:{port}/{BUCKET}").raise_for_status()
    with tempfile.TemporaryDirectory() as folder:
        stores: dict[str, Callable[[], Store]] = {
            "SQLite": partial(SqliteStore, Path(folder) / "sqlite", "descriptions", kind),
            "Lance, folder": partial(LanceStore, f"{folder}/lance/descriptions", Path(folder) / "copies", kind),
            "Lance, bucket": partial(LanceStore, f"s3://{BUCKET}/descriptions", Path(folder) / "more copies", kind),
        }
        for name, opened in stores.items():
            yield f"{name}: {_measured(opened, records)}"
    server.stop()


def _measured(opened: Callable[[], Store], records: Records) -> str:
    keys = [key.decode() for key in records["key"].tolist()]
    store, parts = opened(), []

    def timed(what: str, work: Callable[[], object]) -> None:
        started, cpu = perf_counter(), process_time()
        work()
        parts.append(f"{what} {perf_counter() - started:.2f} s ({process_time() - cpu:.2f} s of CPU)")

    def write() -> None:
        for start in range(0, len(records), store.batch_rows):
            store.write(IDENTITY, "f32", records[start : start + store.batch_rows])

    timed("write", write)
    timed("publish", lambda: store.publish(IDENTITY, keys))
    timed("what is kept", lambda: store.kept(IDENTITY))
    reader = opened()
    timed("open", lambda: reader.matrix(reader.version()))
    version, order = reader.version(), np.random.default_rng(1).permutation(len(keys)).tolist()
    for count in (64, 128):
        wanted = [[keys[order.pop()] for _ in range(count)] for _ in range(ROUNDS)]
        first, again = ([seconds(partial(reader.read, version, some)) for some in wanted] for _ in range(2))
        parts.append(f"{count} by key {median(first) * 1000:.1f} ms, again {median(again) * 1000:.1f} ms")
    return ", ".join(parts)


def _records() -> Records:
    """Records of noise, as large as the demo's."""
    records = np.zeros(STUDY_SIZE, record_type(BUNDLED_CHOICE))
    noise = np.random.default_rng(0).integers(0, 256, records.itemsize + STUDY_SIZE, np.uint8)
    for row, record in enumerate(records.view(np.uint8).reshape(len(records), -1)):
        record[:] = noise[row : row + records.itemsize]
    records["key"] = [f"{row:064x}" for row in range(len(records))]
    records["vector"] = unit_vectors(len(records), BUNDLED_CHOICE.dim)
    return records
