"""From uint8 pixels to a unit vector as one Keras network: preprocessing, backbone, pooling, L2 norm."""

from pathlib import Path
from typing import Any

import keras
from keras import layers

from embeddings.backbones import Backbone
from embeddings.checkpoints import read_checkpoint
from embeddings.networks.efficientnet_lite import efficientnet_lite, load_tensors


def build_encoder(backbone: Backbone, weights: Path) -> keras.Model:
    """Build the network that turns (n, side, side, 3) uint8 pixels into (n, dim) float32 unit vectors.

    Raises WeightsError when the weights do not fit.
    """
    network = _pretrained(backbone, weights)
    inputs = keras.Input((backbone.input_side, backbone.input_side, 3), dtype="uint8")
    features = network(_preprocess(inputs))
    vectors = layers.UnitNormalization(axis=-1)(layers.GlobalAveragePooling2D()(features))
    return keras.Model(inputs, vectors, name=f"{backbone.name}Encoder")


def build_classifier(backbone: Backbone, weights: Path) -> keras.Model:
    """Build the same network with its 1,000-class head: uint8 pixels to (n, 1000) logits, to prove the weights."""
    network = _pretrained(backbone, weights, include_top=True)
    inputs = keras.Input((backbone.input_side, backbone.input_side, 3), dtype="uint8")
    return keras.Model(inputs, network(_preprocess(inputs)), name=f"{backbone.name}Classifier")


def _pretrained(backbone: Backbone, weights: Path, *, include_top: bool = False) -> keras.Model:
    network = efficientnet_lite(backbone.name, backbone.input_side, include_top=include_top)
    load_tensors(network, read_checkpoint(weights))
    return network


def _preprocess(pixels: Any) -> Any:
    return layers.Rescaling(1 / 128, offset=-127 / 128)(pixels)
