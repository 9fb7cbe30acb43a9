"""From uint8 pixels to a unit vector as one Keras network: preprocessing, backbone, pooling, L2 norm."""

from pathlib import Path
from typing import Any

import keras
from keras import layers

from embeddings.models.backbones import Backbone, Preprocessing
from embeddings.models.checkpoints import read_checkpoint
from embeddings.models.keras_networks.applications import build_application, load_weights_file
from embeddings.models.keras_networks.efficientnet_lite import efficientnet_lite, load_tensors

_IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)


def build_encoder(backbone: Backbone, weights: Path, *, with_patches: bool = False) -> keras.Model:
    """Build the network that turns (n, side, side, 3) uint8 pixels into (n, dim) float32 unit vectors.

    `with_patches` adds a second output, the patches that the backbone declares: (n, patches, patch_dim) float32 of any
    length. Raises WeightsError if the weights do not fit.
    """
    features = _pretrained(backbone, weights)
    if with_patches:
        features = keras.Model(features.inputs, [features.output, features.get_layer(backbone.patch_layer).output])
    inputs = keras.Input((backbone.input_side, backbone.input_side, 3), dtype="uint8")
    maps = features(preprocess(inputs, backbone.preprocessing))
    maps, *patches = maps if with_patches else [maps]
    vectors = layers.UnitNormalization(axis=-1)(layers.GlobalAveragePooling2D()(maps))
    patches = [layers.Reshape((backbone.num_patches, backbone.patch_dim))(patch_map) for patch_map in patches]
    return keras.Model(inputs, [vectors, *patches] if patches else vectors, name=f"{backbone.name}Encoder")


def build_classifier(backbone: Backbone, weights: Path) -> keras.Model:
    """Build a bundled network with its 1,000-class head: uint8 pixels to (n, 1000) logits, to prove the weights."""
    network = efficientnet_lite(backbone.name, backbone.input_side, include_top=True)
    load_tensors(network, read_checkpoint(weights))
    inputs = keras.Input((backbone.input_side, backbone.input_side, 3), dtype="uint8")
    return keras.Model(inputs, network(preprocess(inputs, "lite")), name=f"{backbone.name}Classifier")


def preprocess(pixels: Any, mode: Preprocessing) -> Any:
    """Turn uint8 RGB pixels into the input a network was trained on, inside the graph: see `Preprocessing`."""
    if mode == "lite":
        return layers.Rescaling(1 / 128, offset=-127 / 128)(pixels)
    if mode == "tf":
        return layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    bgr = layers.Rescaling(1.0)(pixels)[..., ::-1]
    return layers.Rescaling(1.0, offset=[-mean for mean in _IMAGENET_MEAN_BGR])(bgr)


def _pretrained(backbone: Backbone, weights: Path) -> keras.Model:
    if backbone.is_bundled:
        network = efficientnet_lite(backbone.name, backbone.input_side)
        load_tensors(network, read_checkpoint(weights))
    else:
        network = build_application(backbone)
        load_weights_file(network, backbone.name, weights)
    return network
