"""The study's eight Keras networks, all the way without the internet: fetched, compiled, compared, searched with.

The weights are seeded random numbers, made and saved by Keras; each network's batch statistics are set from
photographs, so that its vectors distinguish photographs, as pretrained ones do.
"""

import hashlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.src.applications import imagenet_utils
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group
from skimage import data

from embeddings.errors import WeightsError
from embeddings.imaging.photos import encode_jpeg, resize_as_studied, resize_square
from embeddings.models import backbones, compiled
from embeddings.models.backbones import BACKBONES, Backbone
from embeddings.models.keras_networks import encoders, patch_training
from embeddings.models.keras_networks.applications import build_application, load_weights_file, older_resnet50_name
from embeddings.models.keras_networks.compile import compile_network
from embeddings.models.runtime import Encoder, Networks
from embeddings.models.weights import WeightsFolders, WeightsLibrary, WeightsState
from embeddings.models.weights_downloads import fetch_weights
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.packshots import kept_picture
from recsys.catalogue.products import images_of, load_catalogue
from recsys.indexing import training
from recsys.indexing.preparation import encode_catalogue
from recsys.indexing.training import train
from recsys.search.kept_vectors import fitting_vectors
from recsys.search.rankings import COSINE, RANKINGS, REFINED
from recsys.search.recommender import Recommender
from recsys.settings import Settings

pytestmark = pytest.mark.keras

OF_KERAS = [backbone for backbone in BACKBONES.values() if not backbone.is_bundled]
PHOTOGRAPHS = ("chelsea", "coffee", "astronaut", "rocket")


@cache  # each is built once, for all tests that need it
def built_for_download(backbone: Backbone) -> tuple[keras.Model, tuple[str, str, str]]:
    """Build a network as for Keras' own weights, with random ones; also the file, address and MD5 that it asks for."""
    asked, build = [], getattr(keras.applications, backbone.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            keras.src.utils.file_utils,
            "get_file",
            lambda name, origin, file_hash="", **_: asked.append((name, origin, file_hash)),
        )
        patch.setattr(keras.Model, "load_weights", lambda *_: None)
        patch.setattr(keras.applications, backbone.name, lambda **given: build(**{**given, "weights": "imagenet"}))
        keras.utils.set_random_seed(7)
        return build_application(backbone), asked[0]


@cache
def seeded_network(backbone: Backbone) -> keras.Model:
    pixels = photographed(backbone)
    network, _ = built_for_download(backbone)
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for norm in norms:
        norm.momentum = 0.0
    if norms:
        network(preprocessed(backbone, pixels), training=True)
    return network


def photographed(backbone: Backbone) -> np.ndarray:
    photos = (getattr(data, name)() for name in PHOTOGRAPHS)
    return np.stack([resize_square(resize_as_studied(photo), backbone.input_side) for photo in photos])


def preprocessed(backbone: Backbone, pixels: np.ndarray) -> np.ndarray:
    module = sys.modules[getattr(keras.applications, backbone.name).__module__]
    return module.preprocess_input(pixels.astype(np.float32))


def unit(features: np.ndarray) -> np.ndarray:
    vectors = features.mean(axis=(1, 2))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("mirror")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def networks_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder, unlike the one where other tests keep compiled networks: each is to be built here."""
    return tmp_path_factory.mktemp("networks")


@pytest.fixture
def compiled_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile networks in this process, which has loaded TensorFlow; other tests start the child that does it.

    Also build each only once: loading weights empties every layer first, so that all come from the file.
    """

    def compile_here(backbone: Backbone, weights: Path, built: Path) -> None:
        compile_network(backbone.name, weights, built)

    monkeypatch.setattr(compiled, "_build_in_child", compile_here)
    monkeypatch.setattr(encoders, "build_application", seeded_network)


class OneEncoder(Networks):
    """Encodes four products with the encoder for photos: loading another one takes longer."""

    def catalogue_encoder(self, backbone: Backbone) -> Encoder:
        return self.encoder(backbone)


@pytest.fixture(scope="module")
def four_products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home that sells the photographs."""
    folder = tmp_path_factory.mktemp("shop")
    for name in PHOTOGRAPHS:
        (folder / f"{name}.jpg").write_bytes(encode_jpeg(getattr(data, name)(), quality=95))
    rows = [f"{name},{name},{name}.jpg" for name in PHOTOGRAPHS]
    (folder / "shop.csv").write_text("\n".join(["product_id,name,image_url", *rows]))
    import_catalogue(folder / "shop.csv", folder / "home" / "cache")
    return folder / "home"


@pytest.fixture
def learned_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Learn spaces in this process, from two products and in one step, and keep them with the test."""
    monkeypatch.setattr(backbones, "PATCH_SPACES", tmp_path / "spaces")
    for name, number in {"NUM_BLOCKS": 1, "NEIGHBOURS": 2, "VIEWS": 1}.items():
        monkeypatch.setattr(training, name, number)
    monkeypatch.setattr(training, "_learn_in_child", partial(patch_training.learn, steps=1))
    tf.config.run_functions_eagerly(True)  # a single step is quicker than tracing a graph
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.usefixtures("compiled_here", "learned_here")
@pytest.mark.parametrize("backbone", OF_KERAS, ids=lambda backbone: backbone.name)
def test_fetched_and_compiled_it_gives_keras_vectors_and_patches_and_finds_a_product_by_both_rankings(
    backbone: Backbone, mirror: tuple[Path, str], four_products: Path, tmp_path: Path, networks_folder: Path
) -> None:
    folder, address = mirror
    home = shutil.copytree(four_products, tmp_path / "home")
    catalogue, images = load_catalogue(home / "cache"), images_of(home / "cache")
    photos = [kept_picture(images.study_path(key), key) for key in catalogue.image_keys[:2]]
    pixels = np.stack([resize_square(photo, backbone.input_side) for photo in photos])
    first, network = pixels[:1], seeded_network(backbone)
    other_scale = first / 255 if backbone.preprocessing == "caffe" else first / 255.0 * 2 - 0.5
    inputs = [preprocessed(backbone, pixels), preprocessed(backbone, first[..., ::-1]), other_scale]
    both = keras.Model(network.input, [network.output, network.get_layer(backbone.patch_layer).output])
    outputs, maps = both(np.concatenate(inputs), training=False)  # not `predict`, which builds a graph first
    keras_vectors, (swapped, scaled) = np.split(unit(np.asarray(outputs)), [len(pixels)])
    keras_patches = np.asarray(maps)[:1].reshape(1, -1, backbone.patch_dim)
    with h5py.File(folder / backbone.weights_file, "w") as file:
        save_weights_to_hdf5_group(file, network)
    if backbone.weights_hash:
        md5 = hashlib.md5((folder / backbone.weights_file).read_bytes(), usedforsecurity=False).hexdigest()
        backbone = replace(backbone, weights_hash=f"md5:{md5}")

    library = WeightsLibrary(WeightsFolders(tmp_path / "fetched", tmp_path / "added"))
    networks = OneEncoder(networks_folder, library, precision="f32")
    assert library.state(backbone) is WeightsState.FETCHABLE
    fetch_weights(backbone, library, partial(networks.check_weights, backbone), mirror=address)
    assert library.state(backbone) is WeightsState.OFFICIAL
    our_patches = networks.encoder(backbone).feature_maps(list(first))
    np.testing.assert_allclose(our_patches, keras_patches, rtol=1e-3, atol=1e-3 * np.abs(keras_patches).max())
    # bfloat16 suffers from batch statistics set from four photographs; VGG has none.
    as_cpu_likes = Networks(networks_folder, library, precision="auto").catalogue_encoder(backbone)
    coarse = (as_cpu_likes.encode(list(pixels)) * keras_vectors).sum(axis=1).min()
    assert coarse > (0.999 if backbone.name.startswith("VGG") else 0.97)

    settings = Settings(home=home)
    recommender = Recommender(settings, networks)
    train(backbone, settings, networks, backbone.patch_space)
    encode_catalogue(catalogue, home / "cache", backbone, networks, progress=lambda *_: None)
    ours = fitting_vectors(home / "cache", backbone, catalogue, networks.identity(backbone))
    assert (ours[: len(pixels)] * keras_vectors).sum(axis=1).min() > 0.9999
    # A swapped channel order or another scaling must show, and so must another photograph.
    assert (ours @ ours.T)[~np.eye(len(ours), dtype=bool)].max() < 0.999
    assert ours[0] @ swapped < 0.9999
    assert ours[0] @ scaled < 0.9999

    photo = np.ascontiguousarray(data.coffee()[40:, :540])
    query = recommender.encode(photo, backbone, rankings=[REFINED], framed=photo)
    assert recommender.rankings(backbone) == [*RANKINGS.values()]
    for ranking in (REFINED, COSINE):
        result = recommender.search(query, ranking=ranking)
        assert result.matches[0].product.product_id == "coffee"
        assert result.matches[0].is_confirmed == (ranking is REFINED)
    coffee = result.matches[0].product
    assert recommender.explain(query, coffee, photo_size=photo.shape[:2], packshot_size=photo.shape[:2]).pairs


@pytest.mark.parametrize("backbone", OF_KERAS, ids=lambda backbone: backbone.name)
def test_the_weights_are_those_that_keras_would_fetch(backbone: Backbone) -> None:
    _, (name, origin, file_hash) = built_for_download(backbone)
    assert (backbone.keras_cache_file, backbone.weights_url) == (name, origin)
    assert backbone.weights_hash == (f"md5:{file_hash}" if file_hash else "")
    assert backbone.weights_url.endswith(f"/{backbone.weights_file}")


class DefaultSideError(Exception):
    """Carries the side that Keras uses by default."""


@pytest.mark.parametrize("backbone", OF_KERAS, ids=lambda backbone: backbone.name)
def test_the_sizes_are_those_of_keras_network(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    network = seeded_network(backbone)
    assert network.count_params() == backbone.parameters
    assert network.output_shape[-1] == backbone.dim
    rows = backbone.patch_rows
    assert network.get_layer(backbone.patch_layer).output.shape == (None, rows, rows, backbone.patch_dim)

    def obtain(*_: object, default_size: int, **__: object) -> None:
        raise DefaultSideError(default_size)

    monkeypatch.setattr(imagenet_utils, "obtain_input_shape", obtain)  # called before any layer is built
    with pytest.raises(DefaultSideError, match=f"^{backbone.input_side}$"):
        getattr(keras.applications, backbone.name)(weights=None)


@pytest.fixture(scope="module")
def small() -> Backbone:
    """The smallest of the eight."""
    return BACKBONES["MobileNetV2"]


@pytest.fixture(scope="module")
def own_file(small: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of that network as Keras saves them today."""
    path = tmp_path_factory.mktemp("own") / "mine.weights.h5"
    seeded_network(small).save_weights(path)
    return path


@pytest.fixture(scope="module")
def blank_network(small: Backbone) -> keras.Model:
    """That network, for loading files that do not fit."""
    return build_application(small)


@pytest.mark.usefixtures("compiled_here")
def test_a_file_of_one_s_own_is_taken_and_replaced(
    small: Backbone, own_file: Path, tmp_path: Path, networks_folder: Path
) -> None:
    library = WeightsLibrary(WeightsFolders(tmp_path / "fetched", tmp_path / "added"))
    networks = Networks(networks_folder, library)
    renamed = tmp_path / "downloaded.bin"  # the name says nothing about the format
    renamed.write_bytes(own_file.read_bytes())
    for _ in range(2):
        library.take(small, renamed, partial(networks.check_weights, small))
        assert library.state(small) is WeightsState.OWN
    assert library.file(small).sha256 == hashlib.sha256(own_file.read_bytes()).hexdigest()


def without_a_layer(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())
    with h5py.File(target, "a") as file:
        del file["layers/conv2d_3"]


def with_a_nan(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())
    with h5py.File(target, "a") as file:
        file["layers/conv2d/vars/0"][0] = np.nan


def of_the_whole_network(_: Path, target: Path) -> None:
    with h5py.File(target, "w") as file:
        save_weights_to_hdf5_group(file, keras.applications.MobileNetV2(weights=None))


UNFIT = {
    "another network's": lambda own, target: seeded_network(BACKBONES["MobileNet"]).save_weights(target),
    "with the prediction layer": of_the_whole_network,
    "a layer missing": without_a_layer,
    "not a number": with_a_nan,
    "a web page": lambda own, target: target.write_text("<html></html>"),
    "empty": lambda own, target: target.write_bytes(b""),
    "cut short": lambda own, target: target.write_bytes(own.read_bytes()[:100_000]),
}


@pytest.mark.parametrize("fault", UNFIT)
def test_a_file_that_does_not_fit_is_refused(
    fault: str, small: Backbone, blank_network: keras.Model, own_file: Path, tmp_path: Path
) -> None:
    UNFIT[fault](own_file, tmp_path / "bad.weights.h5")
    with pytest.raises(WeightsError, match=r"Expected (Keras' weights of|a whole file)") as caught:
        load_weights_file(blank_network, small.name, tmp_path / "bad.weights.h5")
    assert len(str(caught.value).splitlines()) == 1


def test_resnet50_s_older_official_file_gives_each_layer_its_weights(tmp_path: Path) -> None:
    resnet50 = BACKBONES["ResNet50"]
    network = build_application(resnet50)
    layers = [layer for layer in network.layers if layer.weights]
    older_names = [older_resnet50_name(layer.name) for layer in layers]
    assert {"conv1", "bn_conv1", "res2a_branch1", "bn4f_branch2c", "res5c_branch2b"} <= set(older_names)
    with h5py.File(tmp_path / "older.h5", "w") as file:  # as Keras 2.0 wrote it, the prediction layer included
        file.attrs["layer_names"] = [name.encode() for name in ("input_1", *older_names, "fc1000")]
        file.create_group("fc1000").attrs["weight_names"] = []
        for place, (name, layer) in enumerate(zip(older_names, layers, strict=True)):
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}_{number}:0".encode() for number in range(len(layer.weights))]
            for number, weight in enumerate(layer.weights):
                group.create_dataset(f"{name}_{number}:0", weight.shape, "f4", fillvalue=place + number / 8)
    load_weights_file(network, resnet50.name, tmp_path / "older.h5")
    for place, layer in enumerate(layers):
        for number, weight in enumerate(layer.get_weights()):
            assert weight.min() == weight.max() == place + number / 8, layer.name
    with h5py.File(tmp_path / "older.h5", "a") as file:
        del file["bn4f_branch2c"]
    with pytest.raises(WeightsError, match=resnet50.weights_file):
        load_weights_file(network, resnet50.name, tmp_path / "older.h5")


def test_a_file_that_does_not_fit_leaves_the_one_before(
    small: Backbone, own_file: Path, tmp_path: Path, networks_folder: Path
) -> None:
    library = WeightsLibrary(WeightsFolders(tmp_path / "fetched", tmp_path / "added"))
    check = partial(Networks(networks_folder, library).check_weights, small)
    library.take(small, own_file, check)
    before = library.file(small)
    without_a_layer(own_file, tmp_path / "bad.h5")
    with pytest.raises(WeightsError, match="fit MobileNetV2"):
        library.take(small, tmp_path / "bad.h5", check)
    assert library.file(small) == before
    names = sorted(path.name for path in (tmp_path / "added").iterdir())
    assert names == ["MobileNetV2.lock", "MobileNetV2.weights", "MobileNetV2.weights.json"]
