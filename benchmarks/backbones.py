"""The study's eight networks: one photo, and a catalogue, against `model.predict` and OpenVINO's own queue.

Speed does not depend on the weights' values, so they are seeded random numbers here.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import geometric_mean

import keras
import numpy as np
import openvino

from benchmarks.pictures import packshots
from benchmarks.timing import at_least, medians, seconds
from embeddings.backbones import BACKBONES, Backbone
from embeddings.networks.applications import build_application
from embeddings.networks.encoders import build_encoder
from embeddings.photos import RGB, decode_photo
from embeddings.runtime import Encoder, Networks, Precision
from embeddings.weights import WeightsFolders, WeightsLibrary

NUM_PICTURES = 16
ROUNDS = 5


@dataclass(frozen=True)
class Ratios:
    """How many times faster than `predict` for one photo and a catalogue, and the share of OpenVINO's own queue."""

    photo: float
    catalogue: float
    queue: float


def run() -> Iterator[str]:
    """Yield the lines of the report."""
    found: dict[Precision, list[Ratios]] = {"f32": [], "auto": []}
    for backbone in BACKBONES.values():
        if backbone.is_bundled:
            continue
        with tempfile.TemporaryDirectory() as folder:
            yield from _measure(backbone, Path(folder), found)
    for precision, ratios in found.items():
        photos = [ratio.photo for ratio in ratios]
        yield at_least(8).line(f"{precision}: one photo against model.predict, geometric mean", geometric_mean(photos))
        yield at_least(2.5).line(f"{precision}: one photo against model.predict, worst", min(photos))
        catalogue = geometric_mean(ratio.catalogue for ratio in ratios)
        yield at_least(6).line(f"{precision}: indexing against a loop of model.predict, geometric mean", catalogue)
        queue = geometric_mean(ratio.queue for ratio in ratios)
        yield at_least(0.8).line(f"{precision}: indexing against OpenVINO's queue alone, geometric mean", queue)


def _measure(backbone: Backbone, folder: Path, found: dict[Precision, list[Ratios]]) -> Iterator[str]:
    library = WeightsLibrary(WeightsFolders(folder / "fetched", folder / "added"))
    weights = folder / "seeded.weights.h5"
    keras.utils.set_random_seed(0)
    build_application(backbone).save_weights(weights)
    library.take(backbone, weights, partial(Networks(folder, library).check_weights, backbone))
    network = build_encoder(backbone, library.file(backbone).path)
    for precision, ratios in found.items():
        networks = Networks(folder, library, precision=precision)
        measured, line = _compare(networks, backbone, network)
        ratios.append(measured)
        yield f"{backbone.name:13} {precision:5} {line}"


def _compare(networks: Networks, backbone: Backbone, network: keras.Model) -> tuple[Ratios, str]:
    files = packshots(NUM_PICTURES)
    encoder, stream = networks.encoder(backbone), networks.catalogue_encoder(backbone)
    images = [encoder.prepare(decode_photo(file)) for file in files]
    by_predict, by_us = medians(
        lambda: network.predict(images[0][np.newaxis], verbose=0), lambda: encoder.encode(images[:1]), rounds=ROUNDS
    )
    ours, queue = medians(
        lambda: list(stream.encode_stream((None, encoder.prepare(decode_photo(file))) for file in files)),
        _queue_alone(stream, images),
        rounds=3,
    )
    loop = seconds(
        lambda: [network.predict(encoder.prepare(decode_photo(f))[np.newaxis], verbose=0) for f in files[:8]]
    ) * (NUM_PICTURES / 8)
    line = (
        f"photo {by_us * 1000:6.1f} ms, predict {by_predict * 1000:6.1f} ms; catalogue "
        f"{NUM_PICTURES / ours:5.0f} a second, queue alone {NUM_PICTURES / queue:5.0f}, "
        f"predict {NUM_PICTURES / loop:4.1f}"
    )
    return Ratios(by_predict / by_us, loop / ours, queue / ours), line


def _queue_alone(encoder: Encoder, images: list[RGB]) -> Callable[[], None]:
    """OpenVINO's asynchronous queue over pictures that are decoded and resized already."""

    def run_queue() -> None:
        queue = openvino.AsyncInferQueue(encoder.compiled)
        for image in images:
            queue.start_async({0: image[np.newaxis]})
        queue.wait_all()

    return run_queue
