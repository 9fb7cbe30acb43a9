"""Encoding by a real cluster of two nodes on this machine, which loses processes in the middle."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import numpy as np
import psutil
import pytest
from ray import cloudpickle

from benchmarks.sample_pictures import packshots
from embeddings.features.descriptions import record_type
from embeddings.features.lance_store import LanceStore
from embeddings.features.store import Records
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.image_store import is_kept, keep_picture
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import ImageFolder, images_of, load_catalogue
from recsys.catalogue.sharing import SharedFiles
from recsys.errors import EngineError, LostPictureError
from recsys.indexing import ray_engine
from recsys.indexing.encoding import LocalEngine, Read, described
from recsys.indexing.filling import fill
from recsys.indexing.launch import jobs_of
from recsys.indexing.preparation import encode_what_is_kept
from recsys.indexing.ray_engine import RayCluster
from recsys.search.kept_vectors import fitting_vectors
from recsys.search.refined.kept_descriptions import describing_identity
from recsys.settings import Settings, shared_address
from tests.command_line import ROOT, recsys, recsys_process, succeeded
from tests.kept import lose_kept
from tests.postgresql import running_server

NUM_PICTURES, BATCH = 96, 8
T = TypeVar("T")


class Kill(Protocol):
    """Passes rows on, and kills something in the middle."""

    def __call__(self, rows: Iterable[T]) -> Iterator[T]: ...


@dataclass(frozen=True)
class Nodes:
    """A cluster's address, and the process of each of its nodes."""

    address: str
    raylets: tuple[psutil.Process, ...]

    def workers(self) -> list[psutil.Process]:
        """What encodes now."""
        raylets = [raylet for raylet in self.raylets if raylet.is_running()]
        processes = [process for raylet in raylets for process in raylet.children()]
        return [process for process in processes if _is_encoding(process)]


def _is_encoding(process: psutil.Process) -> bool:
    try:
        return process.cmdline()[:1] == ["ray::_done"]
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True)
class Pictures:
    """Kept pictures, and what this process makes of them."""

    images: ImageFolder
    vectors: dict[str, bytes]
    descriptions: dict[str, bytes]


@pytest.fixture(scope="module")
def nodes(bucket: str) -> Iterator[Nodes]:
    """Two nodes, whose environment says where the bucket is."""
    assert bucket
    command = [sys.executable, "-m", "tests.recsys.indexing.ray_nodes"]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    environment = {**os.environ, "GRPC_ENABLE_FORK_SUPPORT": "0"}  # else a head that is busy may fail to fork
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=nowhere, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stdin
        assert process.stdout
        said = json.loads(process.stdout.readline())
        yield Nodes(said["address"], tuple(map(psutil.Process, said["raylets"])))
        process.stdin.close()


@pytest.fixture(scope="module")
def connected(nodes: Nodes) -> Iterator[RayCluster]:
    with RayCluster(nodes.address) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, bundled: Backbone, networks: Networks) -> Pictures:
    images = ImageFolder(tmp_path_factory.mktemp("images"))
    image_keys = [keep_picture(images, picture) for picture in packshots(NUM_PICTURES)]
    local = LocalEngine(bundled, networks, images)
    return Pictures(images, by_key(local.vectors(image_keys)), by_key(local.descriptions(image_keys)))


@pytest.fixture(scope="module")
def shared(pictures: Pictures, bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """The same, as a machine has them that keeps what it makes in the bucket."""
    settings = Settings(home=tmp_path_factory.mktemp("machine"), cache_address=f"{bucket}/ray")
    images = images_of(settings.cache)
    shutil.copytree(pictures.images.folder, images.folder)
    return replace(pictures, images=images)


def by_key(rows: Iterable[tuple[str, Any]]) -> dict[str, bytes]:
    """The bytes of each picture's row; no picture may come twice."""
    content = [(key, row.tobytes()) for key, row in rows]
    assert len(dict(content)) == len(content)
    return dict(content)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Counter[str]]]:
    """How often each picture was described by a node so far; batches are small."""
    path = tmp_path / "made"

    def noted(encoder: Encoder, image_keys: Sequence[str], read: Read) -> Iterator[tuple[str, Records]]:
        for key, record in described(encoder, image_keys, read):
            with path.open("a") as file:
                file.write(f"{key}\n")
            yield key, record

    monkeypatch.setattr(ray_engine, "described", noted)
    monkeypatch.setattr(ray_engine, "_DESCRIBED", BATCH)
    this = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(this)  # the nodes have no tests
    yield lambda: Counter(path.read_text().split())
    cloudpickle.unregister_pickle_by_value(this)


def test_vectors_are_those_of_this_process_byte_for_byte(
    connected: RayCluster, bundled: Backbone, networks: Networks, pictures: Pictures
) -> None:
    engine = connected.start(bundled, networks, pictures.images)
    assert by_key(engine.vectors(list(pictures.vectors))) == pictures.vectors
    assert engine.precision == "f32"


def test_the_command_stores_what_it_stores_without_a_cluster(
    nodes: Nodes, home: Path, bundled: Backbone, networks: Networks
) -> None:
    catalogue, cache = load_catalogue(home / "cache"), home / "cache"
    before = np.array(fitting_vectors(cache, bundled, catalogue, networks.identity(bundled)))
    lose_kept(cache)
    result = recsys_process("embed", "--engine", "ray", "--address", nodes.address, home=home)
    assert succeeded(result) == "EfficientNetLite0: 16 encoded, 0 there already.\n"
    np.testing.assert_array_equal(fitting_vectors(cache, bundled, catalogue, networks.identity(bundled)), before)


def test_nodes_read_at_the_address_what_several_machines_share(
    connected: RayCluster, bundled: Backbone, networks: Networks, shared: Pictures
) -> None:
    image_keys = list(shared.vectors)
    paths = [shared.images.study_path(key) for key in image_keys]
    SharedFiles(shared.images.folder.parent).send_pictures(paths)
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(bytes(len(content)))
    assert by_key(connected.start(bundled, networks, shared.images).vectors(image_keys)) == shared.vectors
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)


@pytest.fixture
def machine(bucket: str, home: Path, shop_csv: Path, tmp_path: Path) -> Settings:
    """A machine with the small shop, which keeps what it makes of that in the bucket."""
    settings = Settings(home=tmp_path / "machine", cache_address=f"{bucket}{tmp_path}")
    import_catalogue(shop_csv, settings.cache)
    (settings.cache / "networks").symlink_to(home / "cache" / "networks")
    return settings


def test_the_command_fills_the_bucket(
    nodes: Nodes, machine: Settings, home: Path, bundled: Backbone, networks: Networks
) -> None:
    catalogue, identity = load_catalogue(home / "cache"), networks.identity(bundled)
    command = ("embed", "--engine", "ray", "--address", nodes.address)
    result = recsys_process(*command, home=machine.home, RECSYS_CACHE=machine.cache_address)
    assert succeeded(result) == "EfficientNetLite0: 16 encoded, 0 there already.\n"
    other = Settings(home=home / "other", cache_address=machine.cache_address)
    np.testing.assert_array_equal(
        fitting_vectors(other.cache, bundled, catalogue, identity),
        fitting_vectors(home / "cache", bundled, catalogue, identity),
    )


def test_a_node_that_cannot_read_the_bucket_costs_no_picture(
    connected: RayCluster,
    bundled: Backbone,
    networks: Networks,
    machine: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SharedFiles, "send_pictures", lambda *_: None)
    catalogue = load_catalogue(machine.cache)
    with pytest.raises(EngineError, match="Expected every node to read pictures at RECSYS_CACHE, but one cannot"):
        encode_what_is_kept(machine.cache, bundled, networks, engine=connected.start, progress=lambda *_: None)
    assert all(is_kept(images_of(machine.cache), key) for key in catalogue.image_keys)


def test_a_damaged_picture_is_said_to_be_lost(
    connected: RayCluster, bundled: Backbone, networks: Networks, pictures: Pictures
) -> None:
    image_keys = list(pictures.vectors)
    path = pictures.images.study_path(image_keys[70])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LostPictureError, match=str(path)) as caught:
        list(connected.start(bundled, networks, pictures.images).vectors(image_keys))
    path.write_bytes(whole)
    assert caught.value.image_key == image_keys[70]


def test_two_killed_workers_lose_nothing_and_repeat_their_batches(
    nodes: Nodes,
    connected: RayCluster,
    bundled: Backbone,
    networks: Networks,
    shared: Pictures,
    made: Callable[[], Counter[str]],
) -> None:
    killed: set[int] = set()

    def killing(rows: Iterable[T]) -> Iterator[T]:
        for number, row in enumerate(rows, start=1):
            yield row
            alive = [worker for worker in nodes.workers() if worker.pid not in killed]
            if len(killed) < 2 and number > len(killed) * 3 * BATCH and alive:
                killed.add(alive[0].pid)
                os.kill(alive[0].pid, signal.SIGKILL)

    assert described_in_bucket(connected, bundled, networks, shared, killing) == shared.descriptions
    assert len(killed) == 2
    assert sum(made().values()) <= NUM_PICTURES + 2 * BATCH


@pytest.mark.usefixtures("made")
def test_a_node_killed_in_the_middle_loses_nothing(
    nodes: Nodes, connected: RayCluster, bundled: Backbone, networks: Networks, shared: Pictures
) -> None:
    def killing(rows: Iterable[T]) -> Iterator[T]:
        for number, row in enumerate(rows, start=1):
            yield row
            if number == NUM_PICTURES // 3:
                os.kill(nodes.raylets[1].pid, signal.SIGKILL)

    assert described_in_bucket(connected, bundled, networks, shared, killing) == shared.descriptions


def described_in_bucket(
    cluster: RayCluster, bundled: Backbone, networks: Networks, pictures: Pictures, killing: Kill
) -> dict[str, bytes]:
    """Have the cluster fill an empty store in the bucket; what another machine reads there of each picture."""
    image_keys, identity = list(pictures.descriptions), describing_identity(bundled, networks.identity(bundled))
    with TemporaryDirectory() as other:
        address = shared_address(pictures.images.folder.parent)
        name = f"{address}/{uuid4().hex}"
        here, there = (LanceStore(name, Path(other) / machine, record_type(bundled)) for machine in ("here", "there"))
        rate = fill(
            here,
            identity,
            image_keys,
            lambda: cluster.start(bundled, networks, pictures.images),
            lambda engine, missing: (record for _, record in killing(engine.descriptions(missing))),
            lambda done, total: None,
        )
        assert rate.count == NUM_PICTURES
        records = there.read(there.version(), image_keys)
    return by_key(zip(image_keys, records, strict=True))


def test_a_second_run_waits_for_nobody(home: Path, bundled: Backbone) -> None:
    with jobs_of(Settings(home=home)).owned(bundled.name):
        result = recsys("embed", "--engine", "ray", home=home)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: Expected nobody to work on EfficientNetLite0")


def test_a_second_run_on_another_machine_waits_for_nobody(home: Path, bundled: Backbone, tmp_path: Path) -> None:
    with running_server() as records:
        other = Settings(home=tmp_path / "other", records_database_url=records.address)
        with jobs_of(other).owned(bundled.name):
            result = recsys("embed", "--engine", "ray", home=home, RECSYS_RECORDS_DATABASE_URL=records.address)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: Expected nobody to work on EfficientNetLite0")


def test_an_address_of_another_kind_is_refused(home: Path) -> None:
    result = recsys("embed", "--engine", "ray", "--address", "head:6379", home=home)
    assert result.returncode == 2
    assert "ray://HOST:PORT" in result.stderr


def test_without_ray_one_line_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "recsys.indexing.ray_engine")
    result = recsys("embed", "--engine", "ray", home=home)
    expected = "Error: Expected Ray for the engine ray, found none: install it with `make setup-cluster`.\n"
    assert (result.returncode, result.stderr) == (1, expected)
