"""A bucket that a real cluster fills, which loses processes in the middle."""

import os
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import lance
import numpy as np
import pytest
from moto.s3.models import s3_backends
from ray import cloudpickle

from benchmarks.cluster import made_rows
from benchmarks.passing import Passing, counted
from embeddings.errors import VectorsError
from embeddings.features import lance_store
from embeddings.features.addressed_files import AddressedFiles
from embeddings.features.descriptions import record_type
from embeddings.features.lance_store import LanceStore
from embeddings.features.store import Records, Written
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.image_store import is_kept
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of, load_catalogue
from recsys.catalogue.sharing import SharedFiles
from recsys.errors import EngineError, LostPictureError
from recsys.indexing import ray_engine
from recsys.indexing.calibration import FEWEST
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.indexing.encoding import DESCRIPTIONS, VECTORS, Kind, Read, describe
from recsys.indexing.filling import fill
from recsys.indexing.preparation import encode_what_is_kept
from recsys.indexing.progress import Stage
from recsys.indexing.rates import Rate, Waits
from recsys.indexing.ray_engine import RayCluster
from recsys.search.kept_vectors import fitting_vectors
from recsys.search.refined.kept_descriptions import describing_identity
from recsys.settings import Settings, shared_address
from tests.command_line import recsys_process, succeeded
from tests.recsys.indexing.conftest import NUM_PICTURES, Pictures
from tests.recsys.indexing.ray_nodes import Nodes
from tests.small_shop import some_products

BATCH = 4


@pytest.fixture(scope="module")
def shared(pictures: Pictures, bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """The same, as a machine has them that keeps what it makes in the bucket."""
    settings = Settings(home=tmp_path_factory.mktemp("machine"), cache_address=f"{bucket}/ray")
    images = images_of(settings.cache)
    shutil.copytree(pictures.images.folder, images.folder)
    return replace(pictures, images=images)


@dataclass(frozen=True)
class Noted:
    """A kind of rows in small batches, and how often nodes made the row of each picture so far."""

    kind: Kind
    path: Path

    def made(self) -> Counter[str]:
        return Counter(self.path.read_text().split() if self.path.exists() else ())


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Noted]:
    """Descriptions, each batch of which is committed as soon as it is done."""
    path = tmp_path / "made"

    def make(encoder: Encoder, image_keys: Sequence[str], read: Read, waits: Waits | None) -> Iterator[Records]:
        for record in describe(encoder, image_keys, read, waits):
            with path.open("a") as file:
                file.write(f"{record['key'].item().decode()}\n")
            yield record

    monkeypatch.setattr(ray_engine, "_COMMIT_SECONDS", 0)
    this = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(this)  # the nodes have no tests
    yield Noted(replace(DESCRIPTIONS, make=make, per_second=BATCH), path)
    cloudpickle.unregister_pickle_by_value(this)


def test_nodes_read_at_the_address_what_several_machines_share(
    connected: RayCluster, bundled: Backbone, networks: Networks, shared: Pictures
) -> None:
    image_keys = list(shared.vectors)
    paths = [shared.images.study_path(key) for key in image_keys]
    SharedFiles(shared.images.folder.parent).send_pictures(paths)
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(bytes(len(content)))
    assert made_rows(connected.start(bundled, networks, shared.images), VECTORS, image_keys) == shared.vectors
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)


@pytest.fixture
def machine(bucket: str, home: Path, shop_csv: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """A machine with too few of the small shop's products to be calibrated, which keeps what it makes in the bucket."""
    settings = Settings(home=tmp_path / "machine", cache_address=f"{bucket}{tmp_path}")
    import_catalogue(some_products(shop_csv, getattr(request, "param", FEWEST - 1)), settings.cache)
    (settings.cache / "networks").symlink_to(home / "cache" / "networks")
    return settings


@pytest.mark.parametrize("machine", [1], indirect=True)  # one product: one new worker for the new connection
def test_the_command_fills_the_bucket(
    nodes: Nodes, machine: Settings, home: Path, bundled: Backbone, networks: Networks
) -> None:
    command = ("embed", "--engine", "ray", "--address", nodes.address)
    result = recsys_process(*command, home=machine.home, RECSYS_CACHE=machine.cache_address)
    assert succeeded(result) == "EfficientNetLite0: 1 encoded, 0 there already.\n"
    assert re.search(r"EfficientNetLite0, sending +\S+ 2/2", result.stderr)
    other, identity = Settings(home=home / "other", cache_address=machine.cache_address), networks.identity(bundled)
    found = fitting_vectors(other.cache, bundled, load_catalogue(machine.cache), identity)
    here = fitting_vectors(home / "cache", bundled, load_catalogue(home / "cache"), identity)
    np.testing.assert_array_equal(found, here[:1])


def test_a_node_that_cannot_read_the_bucket_costs_no_picture(
    connected: RayCluster,
    bundled: Backbone,
    networks: Networks,
    machine: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SharedFiles, "send_pictures", lambda *_: None)
    catalogue = load_catalogue(machine.cache)
    with pytest.raises(EngineError, match="Expected every node to read and write at RECSYS_CACHE, but one cannot"):
        encode_what_is_kept(machine.cache, bundled, networks, engine=connected.start, progress=lambda *_: None)
    assert all(is_kept(images_of(machine.cache), key) for key in catalogue.image_keys)


@pytest.mark.parametrize("where", ["pictures", "shared"])
def test_a_damaged_picture_is_said_to_be_lost(
    connected: RayCluster, bundled: Backbone, networks: Networks, where: str, request: pytest.FixtureRequest
) -> None:
    damaged: Pictures = request.getfixturevalue(where)
    image_keys, engine = list(damaged.vectors), connected.start(bundled, networks, damaged.images)
    path = damaged.images.study_path(image_keys[15])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LostPictureError, match=str(path)) as caught:
        engine.send_pictures(image_keys, lambda done, total: None)
        made_rows(engine, VECTORS, image_keys)
    path.write_bytes(whole)
    engine.send_pictures(image_keys, lambda done, total: None)
    assert caught.value.image_key == image_keys[15]


def test_pictures_on_their_way_to_the_bucket_are_counted(
    connected: RayCluster, bundled: Backbone, networks: Networks, machine: Settings
) -> None:
    steps: list[tuple[Stage, int, int]] = []
    for _ in range(2):
        embed_catalogue(
            load_catalogue(machine.cache),
            machine.cache,
            bundled,
            networks,
            engine=connected.start,
            progress=lambda *step: steps.append(step),
        )
    assert [step for step in steps if step[0] is Stage.SENDING] == [(Stage.SENDING, done, 22) for done in range(1, 23)]
    assert {stage for stage, _, _ in steps[22:]} == {Stage.ENCODING}
    assert steps[-1] == (Stage.ENCODING, 11, 11)


@dataclass(frozen=True)
class Shop:
    """A store in the bucket as two machines have it: one fills it, the other reads it."""

    address: str
    here: LanceStore
    there: LanceStore
    identity: NetworkIdentity
    folder: Path
    fill: Callable[[Kind, Callable[[int], object]], Rate]

    def rows(self, image_keys: Sequence[str]) -> dict[str, bytes]:
        """What the other machine reads of each picture."""
        records = self.there.read(self.there.version(), image_keys)
        return {key: record.tobytes() for key, record in zip(image_keys, records, strict=True)}


@pytest.fixture
def shop(connected: RayCluster, bundled: Backbone, networks: Networks, shared: Pictures, tmp_path: Path) -> Shop:
    identity = describing_identity(bundled, networks.identity(bundled))
    address = f"{shared_address(shared.images.folder.parent)}/{uuid4().hex}"
    here, there = (LanceStore(address, tmp_path / name, record_type(bundled)) for name in ("here", "there"))

    image_keys, start = list(shared.descriptions), partial(connected.start, bundled, networks, shared.images)
    start().send_pictures(image_keys, lambda done, total: None)

    def filled(kind: Kind, step: Callable[[int], object]) -> Rate:
        def progress(stage: Stage, done: int, _total: int) -> None:
            if stage is Stage.DESCRIBING:
                step(done)

        return fill(here, identity, image_keys, start, kind, progress)

    return Shop(address, here, there, identity, tmp_path, filled)


def test_rows_pass_by_the_machine_that_runs_the_command(
    shop: Shop, shared: Pictures, passing: Passing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def passed(*ports: Passing) -> float:
        """Bytes both ways, in rows of this store."""
        return sum(sum(port.num_bytes()) for port in ports) / shop.here.dtype.itemsize

    with counted(os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")) as bucket:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{bucket.port}")
        before = passed(passing, bucket)
        assert shop.fill(DESCRIPTIONS, lambda done: None).count == NUM_PICTURES
        filled, looked = passed(passing, bucket), passed(bucket)
        again = LanceStore(shop.address, shop.folder / "here", shop.here.dtype)
        assert again.kept(shop.identity) == set(shared.descriptions)
        looked = passed(bucket) - looked
        assert shop.rows(list(shared.descriptions)) == shared.descriptions
    assert filled - before < NUM_PICTURES / 2
    assert looked < NUM_PICTURES / 5


def test_two_killed_workers_lose_nothing_and_repeat_their_batches(
    nodes: Nodes, shop: Shop, shared: Pictures, noted: Noted
) -> None:
    killed: set[int] = set()
    over = Event()

    def kill() -> None:
        while len(killed) < 2 and not over.wait(0.01):
            at_work = [worker for worker in nodes.workers() if worker.pid not in killed]
            if at_work and noted.made().total() > len(killed) * 3 * BATCH:
                killed.add(at_work[0].pid)
                os.kill(at_work[0].pid, signal.SIGKILL)

    def look(done: int) -> None:
        assert len(shop.there.kept(shop.identity)) == done  # and whole, each of them
        with pytest.raises(VectorsError, match="no vectors"):
            shop.there.version()

    with ThreadPoolExecutor() as threads:
        killing = threads.submit(kill)
        try:
            assert shop.fill(noted.kind, look).count == NUM_PICTURES
        finally:
            over.set()
        killing.result()
    assert shop.rows(list(shared.descriptions)) == shared.descriptions
    assert len(killed) == 2
    assert sum(noted.made().values()) <= NUM_PICTURES + 2 * BATCH


def test_a_run_that_ends_in_the_middle_is_continued(shop: Shop, shared: Pictures, noted: Noted) -> None:
    def stop(done: int) -> None:
        if done >= NUM_PICTURES // 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        shop.fill(noted.kind, stop)
    assert NUM_PICTURES // 4 <= shop.fill(noted.kind, lambda done: None).count <= NUM_PICTURES // 2
    assert shop.rows(list(shared.descriptions)) == shared.descriptions


def test_what_a_killed_worker_wrote_is_made_again_and_removed_after_a_week(
    shop: Shop, shared: Pictures, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, killed = shop.here.writer(), shop.folder / "killed"

    def write_and_die(*rows: Any) -> Written:
        written = write(*rows)
        if not killed.exists():
            killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return written

    monkeypatch.setattr(shop.here, "writer", lambda: write_and_die)
    assert shop.fill(noted.kind, lambda done: None).count == NUM_PICTURES
    assert killed.exists()
    assert shop.rows(list(shared.descriptions)) == shared.descriptions
    rows = lance.dataset(f"{shop.address}/rows.lance")
    assert rows.count_rows() == NUM_PICTURES
    assert len(uncommitted(rows)) == 1
    for file in s3_backends["123456789012"]["aws"].buckets["kalcare"].keys.values():
        file.last_modified -= timedelta(days=8)
    monkeypatch.setattr(lance_store, "_READ_FOR", timedelta(microseconds=1))  # removed now, not once an hour
    shop.fill(noted.kind, lambda done: None)
    assert uncommitted(rows) == set()
    assert shop.rows(list(shared.descriptions)) == shared.descriptions


def uncommitted(rows: "lance.LanceDataset") -> set[str]:
    """The files of a dataset that no version of it has."""
    versions = [lance.dataset(rows.uri, version=one["version"]) for one in rows.versions()]
    known = {file.path for version in versions for part in version.get_fragments() for file in part.data_files()}
    files = AddressedFiles(rows.uri).found("data")
    return {name.removeprefix("data/") for name in files} - known


@pytest.mark.usefixtures("connected")
def test_a_node_killed_in_the_middle_loses_nothing(nodes: Nodes, shop: Shop, shared: Pictures, noted: Noted) -> None:
    killed = []

    def kill(done: int) -> None:
        if done >= NUM_PICTURES // 3 and not killed:
            killed.append(nodes.raylets[1].pid)
            os.kill(nodes.raylets[1].pid, signal.SIGKILL)

    assert shop.fill(noted.kind, kill).count == NUM_PICTURES
    assert killed
    assert shop.rows(list(shared.descriptions)) == shared.descriptions
