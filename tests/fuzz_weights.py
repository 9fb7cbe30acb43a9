"""Mutated weights files of Keras, loaded as the child process that compiles a network does."""

import random
import tempfile
from functools import cache, partial
from pathlib import Path

import h5py
import keras
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

from embeddings.models.keras_networks.applications import load_weights_file
from tests.embeddings.imaging.test_photos import damaged
from tests.fuzz import Outcome, attempt, in_a_file


def keras_weights(count: int, rng: random.Random) -> Outcome:
    """Load Keras' weights, of both of its formats, into a small network."""
    network, kinds = _small_network()
    load = partial(load_weights_file, network, "MobileNet")
    contents = (damaged(rng.choice(kinds), rng) for _ in range(count))
    return attempt(partial(in_a_file, load, ".h5"), contents)


@cache
def _small_network() -> tuple[keras.Model, tuple[bytes, ...]]:
    """A network of two layers, and its weights in each format that Keras has for them."""
    layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization()]
    network = keras.Sequential(layers)
    with tempfile.TemporaryDirectory() as folder:
        older, newer = Path(folder) / "a.h5", Path(folder) / "a.weights.h5"
        with h5py.File(older, "w") as file:
            save_weights_to_hdf5_group(file, network)
        network.save_weights(newer)
        return network, (older.read_bytes(), newer.read_bytes())
