"""Photos to vectors: the compiled network against `model.predict` of the same Keras network."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.sample_pictures import packshots
from benchmarks.timing import Verdict, at_least, medians, seconds
from embeddings.imaging.photos import decode_photo
from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.keras_networks.encoders import build_encoder
from recsys.search.networks import networks_of
from recsys.settings import Settings

NUM_PICTURES = 256


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    backbone = BUNDLED_CHOICE
    files = packshots(NUM_PICTURES)
    with tempfile.TemporaryDirectory() as folder:
        networks = networks_of(Settings(home=Path(folder)))
        keras_network = build_encoder(backbone, networks.weights.file(backbone).path)
        encoder = networks.encoder(backbone)
        image = encoder.prepare(decode_photo(files[0]))
        by_predict, by_us = medians(
            lambda: keras_network.predict(image[np.newaxis], verbose=0), lambda: encoder.encode([image])
        )
        yield f"one photo at input size: {by_us * 1000:.1f} ms, model.predict {by_predict * 1000:.1f} ms"
        yield at_least(8).line("one photo against model.predict", by_predict / by_us)

        stream = networks.catalogue_encoder(backbone)
        ours = seconds(
            lambda: list(stream.encode_stream((None, encoder.prepare(decode_photo(file))) for file in files))
        )
        loop = seconds(lambda: [keras_network.predict(encoder.prepare(decode_photo(file))[np.newaxis], verbose=0)
                                for file in files])  # fmt: skip
        rate = len(files) / ours
        yield f"embedding, decoding included: {rate:.0f} pictures per second, model.predict {len(files) / loop:.0f}"
        yield at_least(5).line("embedding against a loop of model.predict", loop / ours)
