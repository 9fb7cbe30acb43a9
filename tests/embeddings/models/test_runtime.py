import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import NetworkError
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import BACKBONES, Backbone
from embeddings.models.runtime import Encoder, Networks
from embeddings.models.weights import WeightsLibrary


@pytest.fixture
def images(encoder: Encoder, photographs: dict[str, RGB]) -> list[RGB]:
    return [encoder.prepare(photo) for photo in photographs.values()]


def test_vectors_are_float32_of_length_one(encoder: Encoder, images: list[RGB]) -> None:
    vectors = encoder.encode(images)
    assert (vectors.shape, vectors.dtype) == ((4, 1280), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_images_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 1280)


def test_a_stream_gives_every_image_the_vector_that_it_has_alone(
    networks: Networks, bundled: Backbone, encoder: Encoder, images: list[RGB]
) -> None:
    stream = networks.catalogue_encoder(bundled).encode_stream(enumerate(images * 8))
    vectors = dict(stream)
    assert sorted(vectors) == list(range(32))
    alone = encoder.encode(images)
    for number, vector in vectors.items():
        assert vector @ alone[number % 4] > 0.99999


def test_many_threads_share_an_encoder(encoder: Encoder, images: list[RGB]) -> None:
    expected = encoder.encode(images)
    with ThreadPoolExecutor(8) as pool:
        for vectors in pool.map(lambda _: encoder.encode(images), range(16)):
            np.testing.assert_allclose(vectors, expected, atol=1e-5)


@pytest.mark.parametrize(
    "image", [np.zeros((240, 240, 3), np.uint8), np.zeros((224, 224, 3), np.float32), np.zeros((224, 224), np.uint8)]
)
def test_an_image_that_was_not_prepared_is_refused(encoder: Encoder, image: np.ndarray) -> None:
    with pytest.raises(NetworkError, match=r"Expected images of shape \(224, 224, 3\) and dtype uint8, got"):
        encoder.encode([image])


def test_a_network_is_loaded_once_for_all_callers(
    networks_folder: Path, library: WeightsLibrary, bundled: Backbone
) -> None:
    networks = Networks(networks_folder, library)
    start = threading.Barrier(6)

    def ask(_: int) -> Encoder:
        start.wait()
        return networks.encoder(bundled)

    with ThreadPoolExecutor(6) as pool:
        assert len(set(map(id, pool.map(ask, range(6))))) == 1


def test_the_least_recently_used_network_is_dropped(networks_folder: Path, library: WeightsLibrary) -> None:
    lite0, lite1 = BACKBONES["EfficientNetLite0"], BACKBONES["EfficientNetLite1"]
    networks = Networks(networks_folder, library, max_networks=1)
    first = networks.encoder(lite0)
    assert networks.encoder(lite0) is first
    networks.encoder(lite1)
    assert networks.encoder(lite0) is not first


def test_the_bundled_network_runs_in_float32_whatever_the_cpu_prefers(
    networks_folder: Path, library: WeightsLibrary, bundled: Backbone
) -> None:
    assert Networks(networks_folder, library, precision="auto").encoder(bundled).precision == "f32"
