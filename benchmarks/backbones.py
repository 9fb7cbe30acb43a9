"""The study's eight networks: one photo, and a catalogue, against `model.predict` and OpenVINO's own queue.

Speed does not depend on the weights' values, so they are seeded random numbers here.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from statistics import geometric_mean

import keras
import numpy as np
import openvino

from benchmarks.sample_pictures import packshots
from benchmarks.timing import Verdict, at_least, medians, seconds
from embeddings.imaging.photos import RGB, decode_photo
from embeddings.models.backbones import BACKBONES, Backbone
from embeddings.models.compiled import compiled_network
from embeddings.models.keras_networks.applications import build_application
from embeddings.models.keras_networks.encoders import build_encoder
from embeddings.models.runtime import Encoder, Networks, Precision
from embeddings.models.weights import WeightsFolders, WeightsLibrary

PHOTO_ROUNDS, CATALOGUE_ROUNDS = 9, 3
CATALOGUE_SECONDS, MIN_PICTURES, MAX_PICTURES = 2, 16, 128
LOOP_PICTURES = 8
HEADING = (
    f"{'network':13}{'precision':>10}{'photo':>10}{'predict':>10}{'times':>7}{'arithmetic':>12}"
    f"{'catalogue':>12}{'predict':>9}{'times':>7}{'queue alone':>13}{'share':>7}"
)


@dataclass(frozen=True)
class Figures:
    """The measurements of one network, in seconds; a catalogue's are per picture.

    `at_best` is the time of a photo's arithmetic at the rate of a matrix product.
    """

    photo: float
    predict: float
    at_best: float
    catalogue: float
    loop: float
    queue: float


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    has_bfloat16 = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    precisions: list[Precision] = ["f32", "auto"] if has_bfloat16 else ["auto"]  # otherwise they are the same
    rate = _matrix_rate()
    yield f"bfloat16: {'yes' if has_bfloat16 else 'no, so everything runs in float32'}"
    yield f"a matrix product in float32: {rate / 1e9:.0f} GFLOP/s; `arithmetic` is a photo's rate relative to it"
    yield HEADING
    found: dict[Precision, list[Figures]] = {precision: [] for precision in precisions}
    for backbone in BACKBONES.values():
        if not backbone.is_bundled:
            with tempfile.TemporaryDirectory() as folder:
                yield from _measure(backbone, Path(folder), found, rate)
    if has_bfloat16:
        yield from _summary(found["f32"], "float32 alone: ", 6, 2)
    yield from _summary(found["auto"], "", *((12, 2.5) if has_bfloat16 else (6, 2)))
    bound = geometric_mean(figures.predict / figures.at_best for figures in found["auto"])
    yield f"one photo against model.predict, geometric mean, if as fast as that matrix product: {bound:.1f} times"


def _summary(figures: list[Figures], prefix: str, mean: float, worst: float) -> Iterator[Verdict]:
    photos = [network.predict / network.photo for network in figures]
    catalogue = geometric_mean(network.loop / network.catalogue for network in figures)
    queue = geometric_mean(network.queue / network.catalogue for network in figures)
    photo = f"{prefix}one photo at input size against model.predict"
    yield at_least(mean).line(f"{photo}, geometric mean over the eight", geometric_mean(photos))
    yield at_least(worst).line(f"{photo}, worst of the eight", min(photos))
    yield at_least(6).line(f"{prefix}indexing against a loop of model.predict, geometric mean", catalogue)
    what = f"{prefix}indexing, decoding included, against OpenVINO's queue without it, geometric mean"
    yield at_least(0.95).line(what, queue)


def _measure(backbone: Backbone, folder: Path, found: dict[Precision, list[Figures]], rate: float) -> Iterator[str]:
    library = WeightsLibrary(WeightsFolders(folder / "fetched", folder / "added"))
    weights = folder / "seeded.weights.h5"
    keras.utils.set_random_seed(0)
    build_application(backbone).save_weights(weights)
    library.take(backbone, weights, partial(Networks(folder, library).check_weights, backbone))
    network = build_encoder(backbone, library.file(backbone).path)
    path = compiled_network(backbone, weights, Networks(folder, library).identity(backbone), folder)
    at_best = _operations(path) / rate
    for precision, figures in found.items():
        networks = Networks(folder, library, precision=precision)
        figures.append(_timed(networks, backbone, network, at_best))
        yield _row(backbone, networks.encoder(backbone).precision, figures[-1])


def _timed(networks: Networks, backbone: Backbone, network: keras.Model, at_best: float) -> Figures:
    encoder, stream = networks.encoder(backbone), networks.catalogue_encoder(backbone)
    files = packshots(MAX_PICTURES)
    images = [encoder.prepare(decode_photo(file)) for file in files]
    predict, photo = medians(
        lambda: network.predict(images[0][np.newaxis], verbose=0),
        lambda: encoder.encode(images[:1]),
        rounds=PHOTO_ROUNDS,
        warm_up=2,
    )
    count = min(MAX_PICTURES, max(MIN_PICTURES, round(CATALOGUE_SECONDS / photo)))
    catalogue, queue, loop = medians(
        lambda: list(stream.encode_stream((None, encoder.prepare(decode_photo(file))) for file in files[:count])),
        _queue_alone(stream, images[:count]),
        lambda: [
            network.predict(encoder.prepare(decode_photo(file))[np.newaxis], verbose=0)
            for file in files[:LOOP_PICTURES]
        ],
        rounds=CATALOGUE_ROUNDS,
        warm_up=1,
    )
    return Figures(photo, predict, at_best, catalogue / count, loop / LOOP_PICTURES, queue / count)


def _row(backbone: Backbone, precision: str, figures: Figures) -> str:
    return (
        f"{backbone.name:13}{precision:>10}{figures.photo * 1000:>7.1f} ms{figures.predict * 1000:>7.1f} ms"
        f"{figures.predict / figures.photo:>7.1f}{figures.at_best / figures.photo:>12.0%}"
        f"{1 / figures.catalogue:>10.0f}/s{1 / figures.loop:>7.1f}/s{figures.loop / figures.catalogue:>7.1f}"
        f"{1 / figures.queue:>11.0f}/s{figures.queue / figures.catalogue:>7.2f}"
    )


def _queue_alone(encoder: Encoder, images: list[RGB]) -> Callable[[], None]:
    """OpenVINO's asynchronous queue over pictures that are already decoded and resized."""

    def run_queue() -> None:
        queue = openvino.AsyncInferQueue(encoder.compiled)
        for image in images:
            queue.start_async({0: image[np.newaxis]})
        queue.wait_all()

    return run_queue


def _operations(network: Path) -> float:
    """The floating-point operations in a network's convolutions, an addition counting as one."""
    total = 0.0
    for operation in openvino.Core().read_model(network).get_ops():
        kind = operation.get_type_name()
        if kind in ("Convolution", "GroupConvolution"):
            kernel = operation.input_value(1).get_shape()  # ([groups,] out, in, height, width)
            total += 2 * prod(operation.output(0).get_shape()) * prod(kernel[-3:])
    return total


def _matrix_rate(side: int = 2048) -> float:
    """The floating-point operations per second that a product of two large matrices reaches, at its best."""
    matrix = np.random.default_rng(0).random((side, side), dtype=np.float32)
    product = np.empty_like(matrix)
    return 2 * side**3 / min(seconds(lambda: np.matmul(matrix, matrix, out=product)) for _ in range(8))
