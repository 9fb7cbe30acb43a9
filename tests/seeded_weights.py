"""Make seeded weights of MobileNetV2 as Keras saves them: `python -m tests.seeded_weights FILE.h5`."""

import sys
from pathlib import Path

import h5py
import keras
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

from embeddings.models.backbones import BACKBONES
from embeddings.models.keras_networks.applications import build_application


def make(path: Path) -> None:
    keras.utils.set_random_seed(7)
    network = build_application(BACKBONES["MobileNetV2"])
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, network)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
