"""Encoding by a Ray cluster of two nodes on this machine against this process alone, with the same cores.

Also counts the bytes that pass through this process while the cluster fills a bucket.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil
from ray.cluster_utils import Cluster

from benchmarks.bucket import bucket
from benchmarks.passing import counted
from benchmarks.timing import Verdict, at_least, cpu_seconds, seconds
from embeddings.features.sqlite_store import SqliteStore
from embeddings.features.store import vector_type
from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.compiled import NetworkIdentity
from embeddings.models.runtime import Networks
from recsys.catalogue.products import Catalogue, ImageFolder, images_of, load_catalogue
from recsys.indexing.catalogue_descriptions import describe_catalogue
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.indexing.encoding import DESCRIPTIONS, VECTORS, Engine, Kind, LocalEngine
from recsys.indexing.ray_engine import RayCluster
from recsys.search.networks import networks_of
from recsys.settings import Settings, load_settings

NUM_PICTURES, ROUNDS = 300, 5
PORT = 8690
KINDS = (VECTORS, DESCRIPTIONS)


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report. Raises CatalogueError if the home (RECSYS_HOME) has no shop."""
    with bucket() as address:  # before the nodes, which find it through their environment
        yield from _run(address)


def _run(address: str) -> Iterator[str | Verdict]:
    settings = load_settings()
    networks, images, catalogue = networks_of(settings), images_of(settings.cache), load_catalogue(settings.cache)
    catalogue = replace(catalogue, products=catalogue.products[:NUM_PICTURES])
    image_keys = list(dict.fromkeys(catalogue.image_keys))
    nodes = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 0,
            "ray_client_server_port": PORT,
            "include_dashboard": False,
            "_system_config": {"worker_niceness": 0},  # otherwise workers give way to everything else on the machine
        },
    )
    for _ in range(2):
        nodes.add_node(num_cpus=max(1, (os.cpu_count() or 1) // 2))
    local = LocalEngine(BUNDLED_CHOICE, networks, images)
    with RayCluster(f"ray://127.0.0.1:{PORT}") as cluster:
        start = seconds(lambda: cluster.start(BUNDLED_CHOICE, networks, images))
        remote = cluster.start(BUNDLED_CHOICE, networks, images)
        first = seconds(lambda: made_rows(remote, VECTORS, image_keys[:64]))
        yield f"connecting {start:.1f} s, the first 64 vectors, networks loaded meanwhile, {first:.1f} s"
        is_same = all(made_rows(local, kind, image_keys) == made_rows(remote, kind, image_keys) for kind in KINDS)
        yield f"vectors and descriptions: {'the same, byte for byte' if is_same else 'NOT THE SAME'}"
        rounds = [[_costs(engine, image_keys) for engine in (local, remote)] for _ in range(ROUNDS)]
    yield from _passing(address, catalogue, images, networks)
    nodes.shutdown()
    for what, engine in (("this process", 0), ("the cluster", 1)):
        costs = [median(figures) for figures in zip(*(both[engine] for both in rounds), strict=True)]
        each = [f"{len(image_keys) / cost:.1f}" for cost in costs]
        yield f"{what}: {each[0]} vectors per second, {each[2]} descriptions; per CPU second {each[1]} and {each[3]}"
    for what, columns in (
        ("of time, both kinds of rows", (0, 2)),
        ("of CPU, both kinds of rows", (1, 3)),
        ("of CPU, vectors alone", (1,)),
    ):
        shares = [sum(here[at] for at in columns) / sum(there[at] for at in columns) for here, there in rounds]
        told = f"pictures a second {what}, by the cluster against this process, median of {ROUNDS}"
        yield at_least(0.85).line(told, median(shares))


def _passing(address: str, catalogue: Catalogue, images: ImageFolder, networks: Networks) -> Iterator[str]:
    """Yield the bytes passing through this process while the cluster fills an empty store, and their cost."""
    count, s3 = len(set(catalogue.image_keys)), os.environ["AWS_ENDPOINT_URL"]
    with (
        counted(s3.removeprefix("http://")) as bucket_port,
        counted(f"127.0.0.1:{PORT}") as ray_port,
        TemporaryDirectory() as home,
        RayCluster(f"ray://127.0.0.1:{ray_port.port}") as cluster,
    ):
        os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{bucket_port.port}"
        cache = Settings(home=Path(home), cache_address=f"{address}/shop").cache
        cache.mkdir(parents=True)
        (cache / "images").symlink_to(images.folder.absolute())
        engine = cluster.start(BUNDLED_CHOICE, networks, images_of(cache))
        engine.send_pictures(catalogue.image_keys, lambda done, total: None)
        for turn in ("filling a bucket", "a second run, which finds all there"):
            for what, fill in (("vectors", embed_catalogue), ("descriptions", describe_catalogue)):
                before = [*bucket_port.num_bytes(), *ray_port.num_bytes()]
                cpu = cpu_seconds(partial(fill, catalogue, cache, BUNDLED_CHOICE, networks, engine=cluster.start))
                after = [*bucket_port.num_bytes(), *ray_port.num_bytes()]
                sent, read, asked, told = ((now - then) / count / 1000 for then, now in zip(before, after, strict=True))
                yield (
                    f"{turn}, {what}: {cpu * 1000 / count:.1f} s of this process' CPU for 1,000 pictures; KB of each: "
                    f"{sent:.1f} to the bucket, {read:.1f} from it, {asked:.1f} to the cluster, {told:.1f} from it"
                )
    os.environ["AWS_ENDPOINT_URL"] = s3


def made_rows(engine: Engine, kind: Kind, image_keys: Sequence[str]) -> dict[str, bytes]:
    """The bytes of each picture's row; no picture may come twice."""
    nowhere = SqliteStore(Path(), kind.stage, vector_type(BUNDLED_CHOICE))  # passes everything on
    made = engine.made(kind, image_keys, nowhere, NetworkIdentity("of a benchmark", "", ""))
    content = [(row["key"].decode(), row.tobytes()) for some in made for one in some for row in one.content[-1]]
    if len(dict(content)) < len(content):
        raise ValueError("Expected a row of each picture, got two of some.")
    return dict(content)


def _costs(engine: Engine, image_keys: Sequence[str]) -> list[float]:
    """Seconds, and CPU seconds including Ray's own processes, for all vectors; and for all descriptions."""
    costs = []
    for kind in KINDS:
        before = _cpu_seconds()
        costs += [seconds(partial(made_rows, engine, kind, image_keys)), _cpu_seconds() - before]
    return costs


def _cpu_seconds() -> float:
    """The CPU seconds of this process and its children so far."""
    this = psutil.Process()
    times = [process.cpu_times() for process in (this, *this.children(recursive=True))]
    return float(sum(used.user + used.system for used in times))
