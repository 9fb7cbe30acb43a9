"""Compiled networks in memory: loaded on first use, shared by all threads, dropped if there are too many."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import numpy as np
import openvino
from numpy.typing import NDArray

from embeddings.errors import NetworkError
from embeddings.imaging.photos import RGB, resize_as_studied, resize_square
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity, compiled_network, identify_network
from embeddings.models.weights import WeightsLibrary
from embeddings.parallel import CORES

Precision = Literal["f32", "auto"]
Vectors = NDArray[np.float32]  # (n, dim), each row of length 1
T = TypeVar("T")
R = TypeVar("R")


class Description(NamedTuple):
    """A network's output for one picture: unit vector (dim,), patches (num_patches, patch_dim), or (0, 0) if none."""

    vector: NDArray[np.float32]
    patches: NDArray[np.float32]


class Encoder:
    """One compiled network: uint8 pixels at its input size to unit vectors. Safe to share between threads."""

    def __init__(self, backbone: Backbone, identity: NetworkIdentity, compiled: openvino.CompiledModel) -> None:
        self.backbone = backbone
        self.identity = identity
        self.precision = str(compiled.get_property("INFERENCE_PRECISION_HINT").to_string())
        self.compiled = compiled
        self.several = compiled  # for several pictures of one photo
        self._idle: deque[openvino.InferRequest] = deque(maxlen=4)

    def prepare(self, photo: RGB) -> RGB:
        """Resize a photo of any shape as the study did, then to the network's (side, side, 3)."""
        return resize_square(resize_as_studied(photo), self.backbone.input_side)

    def encode(self, images: Sequence[RGB]) -> Vectors:
        """Encode prepared images, each (side, side, 3) uint8, into unit vectors (n, dim), one after the other."""
        vectors = np.empty((len(images), self.backbone.dim), np.float32)
        with self._request() as request:
            for row, image in enumerate(images):
                vectors[row] = _vector_of(self._inferred(request, image))
        return vectors

    def describe(self, images: Sequence[RGB]) -> list[Description]:
        """Encode prepared images into vectors and patches."""
        described = self._stream(self.several, ((None, image) for image in images), self._described)
        return [description for _, description in described]

    def feature_maps(self, images: Sequence[RGB]) -> NDArray[np.float32]:
        """The patches of prepared images, (n, num_patches, patch_dim), even if no space has been learned for them."""
        found = self._stream(self.several, ((None, image) for image in images), _map_of)
        return np.stack([patches for _, patches in found])

    def encode_stream(self, images: Iterable[tuple[T, RGB]]) -> Iterator[tuple[T, NDArray[np.float32]]]:
        """Encode prepared images on all cores while the next are being read; yield (tag, vector) in order."""
        return self._stream(self.compiled, images, _vector_of)

    def describe_stream(self, images: Iterable[tuple[T, RGB]]) -> Iterator[tuple[T, Description]]:
        """Yield (tag, description), as `encode_stream` yields vectors."""
        return self._stream(self.compiled, images, self._described)

    def _stream(
        self,
        compiled: openvino.CompiledModel,
        images: Iterable[tuple[T, RGB]],
        read: Callable[[openvino.InferRequest], R],
    ) -> Iterator[tuple[T, R]]:
        # Not OpenVINO's AsyncInferQueue: it calls Python from its own threads, and hangs forever if the network is
        # dropped while one of them still waits for the interpreter.
        count = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        idle = [compiled.create_infer_request() for _ in range(count)]
        running: deque[tuple[T, openvino.InferRequest]] = deque()

        def collected() -> tuple[T, R]:
            tag, request = running[0]
            request.wait()
            running.popleft()
            idle.append(request)
            return tag, read(request)

        try:
            for tag, image in images:
                if not idle:
                    yield collected()
                request = idle.pop()
                request.start_async({0: self._batch(image)})
                running.append((tag, request))
            while running:
                yield collected()
        finally:
            for _, request in running:
                request.wait()

    def _inferred(self, request: openvino.InferRequest, image: RGB) -> openvino.InferRequest:
        request.infer({0: self._batch(image)})
        return request

    def _described(self, request: openvino.InferRequest) -> Description:
        has_patches = self.backbone.has_patches
        return Description(_vector_of(request), _map_of(request) if has_patches else np.empty((0, 0), np.float32))

    def _batch(self, image: RGB) -> NDArray[np.uint8]:
        side = self.backbone.input_side
        if image.shape != (side, side, 3) or image.dtype != np.uint8:
            raise NetworkError(
                f"Expected images of shape {(side, side, 3)} and dtype uint8, got {image.shape} and {image.dtype}: "
                "prepare them first."
            )
        return np.ascontiguousarray(image)[np.newaxis]  # (1, side, side, 3)

    @contextmanager
    def _request(self) -> Iterator[openvino.InferRequest]:
        """An inference request that no other thread is using; a few are kept for reuse."""
        try:
            request = self._idle.pop()
        except IndexError:
            request = self.compiled.create_infer_request()
        try:
            yield request
        finally:
            self._idle.append(request)


def _vector_of(request: openvino.InferRequest) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = request.get_output_tensor(0).data[0].copy()
    return vector


def _map_of(request: openvino.InferRequest) -> NDArray[np.float32]:
    patches: NDArray[np.float32] = request.get_output_tensor(1).data[0].copy()
    return patches


@dataclass(frozen=True)
class PortableNetwork:
    """A compiled network to send to other machines, which need neither its weights file nor Keras.

    `model` and `weights` are the contents of OpenVINO's two files, `options` are for running it.
    """

    backbone: Backbone
    identity: NetworkIdentity
    model: bytes
    weights: bytes
    options: dict[str, str]

    def encoder(self, num_threads: int) -> Encoder:
        """Load it to run on a number of cores, chosen by the system: other processes use the machine as well."""
        core = openvino.Core()
        options = {**self.options, "INFERENCE_NUM_THREADS": num_threads, "ENABLE_CPU_PINNING": False}
        model = core.read_model(self.model, self.weights)
        return Encoder(self.backbone, self.identity, core.compile_model(model, "CPU", options))


class Networks:
    """The loaded encoders, at most `max_networks`; the least recently used is dropped."""

    def __init__(
        self, folder: Path, library: WeightsLibrary, *, precision: Precision = "auto", max_networks: int = 3
    ) -> None:
        self.weights = library
        self._folder = folder
        self._precision = precision
        self._max_networks = max_networks
        self._loaded: OrderedDict[NetworkIdentity, Encoder] = OrderedDict()
        self._loading: dict[NetworkIdentity, threading.Lock] = {}
        self._lock = threading.Lock()

    def identity(self, backbone: Backbone) -> NetworkIdentity:
        """Identify the backbone's network with the weights on this machine. Raises WeightsError."""
        return identify_network(backbone, self.weights.file(backbone).sha256)

    def is_loaded(self, backbone: Backbone) -> bool:
        """Whether `encoder` returns at once. Raises WeightsError."""
        identity = self.identity(backbone)
        with self._lock:
            return identity in self._loaded

    def encoder(self, backbone: Backbone) -> Encoder:
        """The backbone's encoder for single photos, compiled and loaded if necessary.

        Raises WeightsError or NetworkError.
        """
        identity = self.identity(backbone)
        with self._lock:
            loading = self._loading.setdefault(identity, threading.Lock())
        with loading:  # loading one network does not block those already loaded
            with self._lock:
                encoder = self._loaded.get(identity)
            encoder = encoder or self._warmed_up(backbone)
            with self._lock:
                self._loaded[identity] = encoder
                self._loaded.move_to_end(identity)
                while len(self._loaded) > self._max_networks:
                    self._loaded.popitem(last=False)
        return encoder

    def _warmed_up(self, backbone: Backbone) -> Encoder:
        """Load an encoder and run it once: the first run takes ten times as long, and no photo should wait for it."""
        encoder, blank = self._load(backbone, "LATENCY"), np.zeros((*[backbone.input_side] * 2, 3), np.uint8)
        encoder.encode([blank])
        if backbone.has_patches:  # small networks: two cores on one picture wait for each other a third of the time
            encoder.several = self.catalogue_encoder(backbone).compiled
            encoder.describe([blank] * CORES)
        return encoder

    def catalogue_encoder(self, backbone: Backbone) -> Encoder:
        """A separate encoder for many images at once, for `encode_stream`; it is not kept.

        Raises WeightsError or NetworkError.
        """
        return self._load(backbone, "THROUGHPUT")

    def check_weights(self, backbone: Backbone, path: Path, sha256: str) -> None:
        """Compile the backbone with a weights file, to check that every layer gets its weights.

        Raises WeightsError if they do not fit, NetworkError for other failures.
        """
        compiled_network(backbone, path, identify_network(backbone, sha256), self._folder)

    def portable(self, backbone: Backbone) -> "PortableNetwork":
        """The backbone's network to send, compiled if necessary. Raises WeightsError or NetworkError."""
        identity, network = self._network_file(backbone)
        weights = network.with_suffix(".bin")
        return PortableNetwork(
            backbone, identity, network.read_bytes(), weights.read_bytes(), self._options(backbone, "THROUGHPUT")
        )

    def _network_file(self, backbone: Backbone) -> tuple[NetworkIdentity, Path]:
        weights = self.weights.file(backbone)
        identity = identify_network(backbone, weights.sha256)
        return identity, compiled_network(backbone, weights.path, identity, self._folder)

    def _options(self, backbone: Backbone, hint: str) -> dict[str, str]:
        is_exact = self._precision == "f32" or backbone.needs_float32
        return {"PERFORMANCE_HINT": hint, **({"INFERENCE_PRECISION_HINT": "f32"} if is_exact else {})}

    def _load(self, backbone: Backbone, hint: str) -> Encoder:
        identity, network = self._network_file(backbone)
        try:
            compiled = openvino.Core().compile_model(network, "CPU", self._options(backbone, hint))
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise NetworkError(
                f"Expected a compiled network in {network.parent}, but it does not load ({reason}): "
                "delete that folder and it will be rebuilt."
            ) from None
        return Encoder(backbone, identity, compiled)
