"""Encoding on many machines: Ray hands batches of pictures to whichever node has free cores.

These are plain Ray tasks. One whose worker or node dies is run again by Ray, on another; each node takes the next as
soon as it has done one; a node that joins gets some too. A worker keeps its network from one batch to the next. All
that a node needs beside the requirements comes with the job: this code, the compiled network, the pictures' bytes.
Where several machines share a bucket, nodes read the pictures there.
"""

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import islice
from math import ceil
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from tenacity import retry, retry_if_exception_type, stop_after_attempt

from embeddings.cores import keep_numpy_to_one_core
from embeddings.errors import KalcareError, PhotoError
from embeddings.features.store import Records
from embeddings.imaging.photos import RGB, decode_own
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.products import ImageFolder
from recsys.catalogue.sharing import SharedFiles
from recsys.errors import EngineError, LostPictureError
from recsys.indexing.encoding import Read, Vector, described, encoded
from recsys.indexing.prefetch import read_ahead
from recsys.indexing.rates import Waits
from recsys.settings import shared_address

try:
    import ray
except ModuleNotFoundError:
    raise EngineError("Expected Ray for the engine ray, found none: install it with `make setup-cluster`.") from None
from ray.exceptions import RayError, RayTaskError

_ENCODED, _DESCRIBED = 128, 32  # pictures of a batch at most, a second of a core: what a worker that dies has to repeat
_CORES = 2  # of a worker: the fewer, the more networks a node has in memory; the more, the more cores may be left over
_RETRIES = 5  # of a batch whose worker died: by then it is the batch that kills them
_READ_AT_ONCE = 8  # pictures by a worker, of a batch that it does
_CONNECTIONS = 3  # tried
_WAIT_SECONDS = 1.0  # until nodes are counted again, and until this process notices that it is to stop

Row = TypeVar("Row")


@dataclass(frozen=True)
class _Picture:
    """A kept picture as it travels: its content, unless nodes read that at the address that `cache` has copies of."""

    image_key: str
    path: Path  # where it is kept on the machine that hands it out
    cache: Path
    content: bytes | None

    def read(self) -> bytes:
        """Its content. Raises OSError where it cannot be read at the address."""
        if self.content is not None:
            return self.content
        shared = _shared_files(self.cache)
        return shared.read(shared.name(self.path))


class RayEngine:
    """A backbone's network on every node of the cluster."""

    def __init__(self, network: Any, num_threads: int, images: ImageFolder) -> None:
        self._network = network  # the object reference of a PortableNetwork
        self._num_threads = num_threads
        self._images, self._cache = images, images.folder.parent
        self._is_shared = "://" in shared_address(self._cache)  # nodes need not have a folder that machines share
        self._precisions: set[str] = set()
        self.waits = Waits()

    @property
    def precision(self) -> str:
        """The precision that the network runs with; each of them where the nodes' processors differ."""
        return ", ".join(sorted(self._precisions))

    def vectors(self, image_keys: Sequence[str]) -> Iterator[tuple[str, Vector]]:
        """Yield (image key, vector) as batches are done."""
        return self._rows(encoded, self._images.study_path, image_keys, _ENCODED)

    def descriptions(self, image_keys: Sequence[str]) -> Iterator[tuple[str, Records]]:
        """Yield (image key, record ()) as batches are done."""
        return self._rows(described, self._images.display_path, image_keys, _DESCRIBED)

    def _rows(
        self,
        work: Callable[[Encoder, Sequence[str], Read], Iterator[tuple[str, Row]]],
        path_of: Callable[[str], Path],
        image_keys: Sequence[str],
        most: int,
    ) -> Iterator[tuple[str, Row]]:
        task = ray.remote(_done).options(num_cpus=self._num_threads, max_retries=_RETRIES)
        workers, counted = self._count_workers(), monotonic()
        remaining, size = iter(image_keys), _batch_size(len(image_keys), workers, most)
        if self._is_shared:
            SharedFiles(self._cache).send_pictures(map(path_of, image_keys))
        batches = read_ahead(iter(lambda: tuple(islice(remaining, size)), ()), partial(self._pictures, path_of))
        running: list[Any] = []
        try:
            while True:
                if monotonic() - counted >= _WAIT_SECONDS:
                    workers, counted = self._count_workers(), monotonic()
                for pictures in islice(batches, max(0, 2 * workers - len(running))):  # one runs, one is on its way
                    running.append(task.remote([self._network], self._num_threads, work, ray.put(pictures)))
                if not running:
                    return
                done, running = ray.wait(running, timeout=_WAIT_SECONDS)
                for batch in done:
                    precision, rows = _result(batch)
                    self._precisions.add(precision)
                    yield from rows
        finally:
            for batch in running:
                ray.cancel(batch)

    def _pictures(self, path_of: Callable[[str], Path], image_keys: Sequence[str]) -> list[_Picture]:
        """Kept pictures as they travel. Raises LostPictureError when one cannot be read."""
        pictures = []
        for image_key in image_keys:
            path = path_of(image_key)
            try:
                content = None if self._is_shared else path.read_bytes()
            except OSError:
                raise LostPictureError(path, image_key) from None
            pictures.append(_Picture(image_key, path, self._cache, content))
        return pictures

    def _count_workers(self) -> int:
        """How many batches can run at once now; one where no node is left, which then waits for a node."""
        return max(1, int(ray.cluster_resources().get("CPU", 0)) // self._num_threads)


def _batch_size(num_pictures: int, workers: int, most: int) -> int:
    """How many pictures a batch has, at most so many, so that equal workers are done at the same time."""
    rounds = max(1, ceil(num_pictures / (workers * most)))
    return max(1, ceil(num_pictures / (workers * rounds)))


class RayCluster:
    """A cluster that this process is connected to as long as the block runs; a network is sent to it once."""

    def __init__(self, address: str | None) -> None:
        """Name the cluster by its address, such as `ray://head:10001`; None starts one on this machine's cores."""
        self._address = address
        self._sent: dict[NetworkIdentity, Any] = {}

    def __enter__(self) -> "RayCluster":
        return self

    def __exit__(self, *_failure: object) -> None:
        ray.shutdown()

    def start(self, backbone: Backbone, networks: Networks, images: ImageFolder) -> RayEngine:
        """Start an engine, as `StartEngine` does; what is not compiled yet is compiled here.

        Raises EngineError where there is no cluster at the address.
        """
        num_threads = self._cores_of_a_worker
        identity = networks.identity(backbone)
        if identity not in self._sent:
            self._sent[identity] = ray.put(networks.portable(backbone))
        return RayEngine(self._sent[identity], num_threads, images)

    @cached_property
    def _cores_of_a_worker(self) -> int:
        """So many that every node can have one; asking connects. Raises EngineError where no node has a core."""
        _connect(self._address)
        cores = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        if not any(cores):
            raise EngineError("Expected a Ray cluster with cores, found none: let nodes join it with `ray start`.")
        return min(_CORES, *(number for number in cores if number))


def _connect(address: str | None) -> None:
    """Connect to the cluster; raises EngineError where that is not possible."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it warns of it raises as well
            _init(address)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise EngineError(
            "Expected a Ray cluster at {address} to work with, but: {reason}",
            address=address or "this machine",
            reason=_in_short(error),
        ) from None


@retry(retry=retry_if_exception_type(ConnectionAbortedError), stop=stop_after_attempt(_CONNECTIONS), reraise=True)
def _init(address: str | None) -> None:
    """Have Ray connect; tried again where the head could not start the process that it has for each command."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # what a cluster of our own would tell Ray's makers
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
    """What Ray says, in a line; of a traceback, its end."""
    first, *rest = str(error).strip().splitlines() or [type(error).__name__]
    return f"{first} {rest[-1]}" if rest and first.endswith(":") else first


def _result(batch: Any) -> tuple[str, list[tuple[str, Any]]]:
    """What a node made of a batch. Raises what that raised there, or EngineError where the cluster gave it up."""
    try:
        result: tuple[str, list[tuple[str, Any]]] = ray.get(batch)
    except RayTaskError as error:
        if isinstance(error.cause, KalcareError):
            raise error.cause from None
        if isinstance(error.cause, OSError):
            raise EngineError(
                "Expected every node to read pictures at RECSYS_CACHE, but one cannot: {reason}. Was each started with "
                "the variables of its server?",
                reason=_in_short(error.cause),
            ) from None
        if isinstance(error.cause, ImportError | RayError):  # what a batch refers to is imported before it begins
            raise EngineError(
                "Expected every node to encode, but one cannot: {reason}. Has each this project's requirements?",
                reason=_in_short(error.cause),
            ) from None
        raise
    except RayError as error:
        raise EngineError("The cluster gave up encoding: {reason}", reason=_in_short(error)) from None
    return result


def _done(
    network: list[Any],
    num_threads: int,
    work: Callable[[Encoder, Sequence[str], Read], Iterator[tuple[str, Row]]],
    pictures: Sequence[_Picture],
) -> tuple[str, list[tuple[str, Row]]]:
    """Do the work for these pictures, on a node; return the network's precision and a row for each picture."""
    encoder = _loaded(network[0], num_threads)
    with ThreadPoolExecutor(_READ_AT_ONCE) as threads:  # of an address that may be slow; the first go on meanwhile
        contents = {picture.image_key: (picture, threads.submit(picture.read)) for picture in pictures}

        def decoded(image_key: str) -> RGB:
            picture, content = contents[image_key]
            try:
                return decode_own(content.result())
            except PhotoError:
                raise LostPictureError(picture.path, image_key) from None

        return encoder.precision, list(work(encoder, list(contents), decoded))


@lru_cache(maxsize=1)
def _shared_files(cache: Path) -> SharedFiles:
    """The files at the address that a cache has copies of; on a node there is no such cache."""
    return SharedFiles(cache)


@lru_cache(maxsize=1)
def _loaded(network: Any, num_threads: int) -> Encoder:
    """The network that this worker runs, loaded once."""
    keep_numpy_to_one_core()
    encoder: Encoder = ray.get(network).encoder(num_threads)
    return encoder
