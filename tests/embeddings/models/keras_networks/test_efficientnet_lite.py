"""Proof that the bundled weights are in the right places: the network recognises what is in photographs."""

import csv
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest

from embeddings.errors import WeightsError
from embeddings.imaging.photos import RGB, read_photo, resize_as_studied, resize_square
from embeddings.models.backbones import BACKBONES, Backbone
from embeddings.models.checkpoints import read_checkpoint
from embeddings.models.keras_networks.efficientnet_lite import efficientnet_lite, load_tensors
from embeddings.models.keras_networks.encoders import build_classifier, build_encoder
from embeddings.models.runtime import Networks
from embeddings.models.weights import WeightsLibrary

pytestmark = pytest.mark.keras

BUNDLED = [backbone for backbone in BACKBONES.values() if backbone.is_bundled]
DOMESTIC_CATS = {281, 282, 285}  # ImageNet's tabby, tiger cat, Egyptian cat
ESPRESSO = 967
FRUIT = {"G-0001": 948, "G-0006": 954, "G-0008": 951, "G-0023": 953}  # Granny Smith, banana, lemon, pineapple


@cache  # each is built once, for all tests that need it
def classifier_of(backbone: Backbone, weights: Path) -> keras.Model:
    return build_classifier(backbone, weights)


@pytest.fixture
def whole_network(bundled: Backbone, library: WeightsLibrary) -> keras.Model:
    """The network with its 1,000-class head, for loading tensors into."""
    return classifier_of(bundled, library.file(bundled).path).get_layer(bundled.name)


def batch(backbone: Backbone, photos: list[RGB]) -> np.ndarray:
    return np.stack([resize_square(resize_as_studied(photo), backbone.input_side) for photo in photos])


def test_the_network_names_a_cat_and_a_cup_of_coffee(photographs: dict[str, RGB], library: WeightsLibrary) -> None:
    for backbone in BUNDLED:
        classifier = classifier_of(backbone, library.file(backbone).path)
        logits = np.asarray(
            classifier(batch(backbone, [photographs["chelsea"], photographs["coffee"]]), training=False)
        )
        cat, coffee = logits.argmax(axis=1)
        assert cat in DOMESTIC_CATS, backbone.name
        assert coffee == ESPRESSO, backbone.name


def test_the_network_names_fruit_on_a_shop_s_photos(grocery: Path, bundled: Backbone, library: WeightsLibrary) -> None:
    with (grocery / "queries.csv").open() as file:
        queries = [row for row in csv.DictReader(file) if row["product_id"] in FRUIT]
    classifier = classifier_of(bundled, library.file(bundled).path)
    photos = batch(bundled, [read_photo(grocery / row["photo"]) for row in queries])
    named = classifier.predict(photos, verbose=0).argmax(axis=1)
    assert len(queries) >= 32
    assert np.mean(named == [FRUIT[row["product_id"]] for row in queries]) >= 0.9


def test_the_compiled_network_gives_the_vector_that_keras_gives(
    photographs: dict[str, RGB], bundled: Backbone, networks: Networks, library: WeightsLibrary
) -> None:
    photos = batch(bundled, list(photographs.values()))
    by_keras = np.asarray(build_encoder(bundled, library.file(bundled).path)(photos, training=False))
    by_openvino = networks.encoder(bundled).encode(list(photos))
    assert (by_keras * by_openvino).sum(axis=1).min() > 0.9999
    assert (by_keras @ by_openvino.T)[~np.eye(len(photos), dtype=bool)].max() < 0.9  # and photos differ


@pytest.mark.parametrize("backbone", BUNDLED, ids=lambda backbone: backbone.name)
def test_the_registry_describes_the_network(backbone: Backbone) -> None:
    network = efficientnet_lite(backbone.name, backbone.input_side)
    assert network.count_params() == backbone.parameters
    assert network.output_shape[-1] == backbone.dim


@pytest.mark.parametrize("change", ["a missing tensor", "another shape"])
def test_weights_that_do_not_fit_are_refused(
    bundled: Backbone, change: str, library: WeightsLibrary, whole_network: keras.Model
) -> None:
    tensors = read_checkpoint(library.file(bundled).path)
    if change == "a missing tensor":
        del tensors["_blocks.3._bn1.bias"]
    else:
        tensors["_conv_head.weight"] = tensors["_conv_head.weight"][:-1]
    with pytest.raises(WeightsError, match="Expected weights that fit"):
        load_tensors(whole_network, tensors)


def test_every_layer_gets_weights_of_the_checkpoint(
    bundled: Backbone, library: WeightsLibrary, whole_network: keras.Model
) -> None:
    for layer in whole_network.layers:
        layer.set_weights([np.full(weight.shape, np.nan) for weight in layer.weights])
    load_tensors(whole_network, read_checkpoint(library.file(bundled).path))
    assert all(np.isfinite(weight).all() for layer in whole_network.layers for weight in layer.get_weights())
