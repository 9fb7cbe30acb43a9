"""Encoding on many machines: Ray hands batches of pictures to any node with free cores.

These are plain Ray tasks. If a worker or node dies, Ray runs its task again on another; each node takes the next task
as soon as it has finished one; a node that joins gets some too. A worker keeps its network between batches. Everything
that a node needs besides the requirements comes with the job: this code, the compiled network, the pictures' bytes. If
several machines share a bucket, nodes read the pictures there and write their rows there.
"""

import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache, partial
from itertools import islice
from math import ceil
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import numpy as np
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from embeddings.errors import InstallCluster, KalcareError, PhotoError
from embeddings.features.store import Records, Store, Written
from embeddings.imaging.photos import RGB, decode_own
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from embeddings.models.runtime import Encoder, Networks
from embeddings.parallel import keep_numpy_to_one_core
from recsys.catalogue.products import ImageFolder
from recsys.catalogue.sharing import SharedFiles
from recsys.errors import EngineError, LostPictureError
from recsys.indexing.encoding import Kind
from recsys.indexing.prefetch import read_ahead
from recsys.indexing.rates import Waits
from recsys.settings import shared_address

try:
    import ray
except ModuleNotFoundError:
    raise EngineError("Expected Ray for the engine ray, found none.", remedies=(InstallCluster(),)) from None
from ray.exceptions import RayError, RayTaskError

_CORES = 2  # per worker: with fewer, a node loads more networks; with more, more cores may be left over
_RETRIES = 5  # per batch whose worker died: after that, the batch is what kills them
_READ_AT_ONCE = 8  # pictures of its batch that a worker reads in parallel
_CONNECTIONS = 3  # attempts
_COMMIT_SECONDS = 2.0  # between commits: each rewrites the list of all rows
_WAIT_SECONDS = 1.0  # until nodes are counted again, and until this process notices that it should stop

S = TypeVar("S")
T = TypeVar("T")
Write = Callable[[str, Records], Written]  # writes rows, (n,), of a precision


class RayEngine:
    """A backbone's network on every node of the cluster."""

    def __init__(self, network: Any, num_threads: int, images: ImageFolder) -> None:
        self._network = network  # the object reference of a PortableNetwork
        self._num_threads = num_threads
        self._images, self._cache = images, images.folder.parent
        self._is_shared = "://" in shared_address(self._cache)  # nodes may not have a shared folder
        self.waits = Waits()

    def send_pictures(self, image_keys: Sequence[str], progress: Callable[[int, int], None]) -> None:
        """Send both files of the pictures that are missing at the address, if nodes read them there."""
        if self._is_shared:
            both = (self._images.study_path, self._images.display_path)
            SharedFiles(self._cache).send_pictures([path(key) for key in image_keys for path in both], progress)

    def made(
        self, kind: Kind, image_keys: Sequence[str], store: Store, identity: NetworkIdentity
    ) -> Iterator[list[Written]]:
        """Yield the rows that nodes have made, and written if they can, every few seconds."""
        return self.waits.for_rows(self._batches(kind, image_keys, partial(store.writer(), identity)))

    def spread(self, do: Callable[[S], T], things: Iterable[S], /) -> Iterable[T]:
        """Apply a function to each item, on the nodes."""
        task = self._task(_do)
        return map(_result, [task.remote(do, thing) for thing in things])

    def _task(self, function: Callable[..., Any]) -> Any:
        return ray.remote(function).options(num_cpus=self._num_threads, max_retries=_RETRIES)

    def _batches(self, kind: Kind, image_keys: Sequence[str], write: Write) -> Iterator[list[Written]]:
        task, workers, counted = self._task(_done), self._count_workers(), monotonic()
        remaining, size = iter(image_keys), _batch_size(len(image_keys), workers, kind.per_second)
        batches = read_ahead(iter(lambda: tuple(islice(remaining, size)), ()), partial(self._contents, kind))
        running: list[Any] = []
        written: list[Written] = []
        yielded = monotonic()
        try:
            while True:
                if monotonic() - counted >= _WAIT_SECONDS:
                    workers, counted = self._count_workers(), monotonic()
                for contents in islice(batches, max(0, 2 * workers - len(running))):  # one runs, one is on its way
                    batch = contents if self._is_shared else ray.put(contents)
                    running.append(task.remote([self._network], self._num_threads, kind, write, self._images, batch))
                if not running:
                    return
                done, running = ray.wait(running, timeout=_WAIT_SECONDS)
                written += map(_result, done)
                if written and (not running or monotonic() - yielded >= _COMMIT_SECONDS):
                    yield written
                    written, yielded = [], monotonic()
        finally:
            for batch in running:
                ray.cancel(batch)

    def _contents(self, kind: Kind, image_keys: Sequence[str]) -> dict[str, bytes | None]:
        """Pictures to send: without content if nodes read them. Raises LostPictureError if one is lost."""
        contents: dict[str, bytes | None] = dict.fromkeys(image_keys)
        for image_key in () if self._is_shared else image_keys:
            path = kind.path(self._images, image_key)
            try:
                contents[image_key] = path.read_bytes()
            except OSError:
                raise LostPictureError(path, image_key) from None
        return contents

    def _count_workers(self) -> int:
        """How many batches can run at once now; one if no node is left, which then waits for a node."""
        return max(1, int(ray.cluster_resources().get("CPU", 0)) // self._num_threads)


def _batch_size(num_pictures: int, workers: int, most: int) -> int:
    """The number of pictures per batch, up to a maximum, chosen so that equal workers finish at the same time.

    If a worker dies, its batch has to be repeated.
    """
    rounds = max(1, ceil(num_pictures / (workers * most)))
    return max(1, ceil(num_pictures / (workers * rounds)))


class RayCluster:
    """A cluster that this process is connected to while the block runs; a network is sent to it once."""

    def __init__(self, address: str | None) -> None:
        """Name the cluster by its address, such as `ray://head:10001`; None starts one on this machine's cores."""
        self._address = address
        self._sent: dict[NetworkIdentity, Any] = {}

    def __enter__(self) -> "RayCluster":
        return self

    def __exit__(self, *_failure: object) -> None:
        ray.shutdown()

    def start(self, backbone: Backbone, networks: Networks, images: ImageFolder) -> RayEngine:
        """Start an engine, as `StartEngine` does; a network that is not compiled yet is compiled here.

        Raises EngineError if there is no cluster at the address.
        """
        num_threads = self._cores_of_a_worker
        identity = networks.identity(backbone)
        if identity not in self._sent:
            self._sent[identity] = ray.put(networks.portable(backbone))
        return RayEngine(self._sent[identity], num_threads, images)

    @cached_property
    def _cores_of_a_worker(self) -> int:
        """A number of cores that every node has; connects first. Raises EngineError if no node has a core."""
        _connect(self._address)
        cores = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        if not any(cores):
            raise EngineError("Expected a Ray cluster with cores, found none: let nodes join it with `ray start`.")
        return min(_CORES, *(number for number in cores if number))


def _connect(address: str | None) -> None:
    """Connect to the cluster; raises EngineError if that is impossible."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it also raises what it warns of
            _init(address)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise EngineError(
            f"Expected a Ray cluster at {address or 'this machine'} to work with, but: {_in_short(error)}"
        ) from None


@retry(retry=retry_if_exception_type(ConnectionAbortedError), stop=stop_after_attempt(_CONNECTIONS), reraise=True)
def _init(address: str | None) -> None:
    """Let Ray connect; retried if the head could not start its process for this command."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # keeps a cluster of our own from reporting to Ray's makers
    project = Path(__file__).parents[2]
    options: dict[str, Any] = {} if address else {"include_dashboard": False}
    ray.init(
        address or "local",
        runtime_env={"py_modules": [str(project / package) for package in ("embeddings", "recsys")]},
        logging_level=logging.ERROR,
        log_to_driver=False,
        **options,
    )


def _in_short(error: Exception) -> str:
    """Ray's message in one line; of a traceback, its end."""
    first, *rest = str(error).strip().splitlines() or [type(error).__name__]
    return f"{first} {rest[-1]}" if rest and first.endswith(":") else first


def _result(task: Any) -> Any:
    """A node's result. Raises the error raised there, or EngineError if the cluster gave up."""
    try:
        return ray.get(task)
    except RayTaskError as error:
        if isinstance(error.cause, OSError):
            raise EngineError(
                f"Expected every node to read and write at RECSYS_CACHE, but one cannot: {_in_short(error.cause)}. "
                "Was each started with the variables of its server?"
            ) from None
        if isinstance(error.cause, KalcareError):
            raise error.cause from None
        if isinstance(error.cause, ImportError | RayError):  # a batch's imports run before the batch starts
            raise EngineError(
                f"Expected every node to encode, but one cannot: {_in_short(error.cause)}. "
                "Has each this project's requirements?"
            ) from None
        raise
    except RayError as error:
        raise EngineError(f"The cluster gave up encoding: {_in_short(error)}") from None


def _done(  # the worker's network, the run's settings, and the batch
    network: list[Any],
    num_threads: int,
    kind: Kind,
    write: Write,
    images: ImageFolder,
    contents: dict[str, bytes | None],
) -> Written:
    """Make the rows of some pictures on a node, reading those that came without content, and write them."""
    encoder = _loaded(network[0], num_threads)
    paths = {image_key: kind.path(images, image_key) for image_key in contents}

    def read(image_key: str) -> bytes:
        if (content := contents[image_key]) is not None:
            return content
        return _shared_files(images.folder.parent).read(paths[image_key])

    with ThreadPoolExecutor(_READ_AT_ONCE) as threads:  # an address may be slow; the first go on meanwhile
        reading = {image_key: threads.submit(read, image_key) for image_key in contents}

        def decoded(image_key: str) -> RGB:
            try:
                return decode_own(reading[image_key].result())
            except PhotoError:
                raise LostPictureError(paths[image_key], image_key) from None

        rows = list(kind.make(encoder, list(contents), decoded, None))
    return write(encoder.precision, np.stack(rows))


def _do(do: Callable[[S], T], thing: S) -> T:
    """Apply a function to an item, on a node."""
    return do(thing)


@lru_cache(maxsize=1)
def _shared_files(cache: Path) -> SharedFiles:
    """The files at the address that a cache has copies of; a node has no such cache."""
    return SharedFiles(cache)


@lru_cache(maxsize=1)
def _loaded(network: Any, num_threads: int) -> Encoder:
    """The network that this worker runs, loaded once."""
    keep_numpy_to_one_core()
    encoder: Encoder = ray.get(network).encoder(num_threads)
    return encoder
