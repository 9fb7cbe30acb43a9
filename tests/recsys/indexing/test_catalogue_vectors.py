import os
import signal
import sys
import time
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import VectorsError
from embeddings.imaging.photos import read_photo
from embeddings.models.backbones import BUNDLED_CHOICE, Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.products import Catalogue, images_of, load_catalogue
from recsys.errors import CatalogueError
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.indexing.progress import Stage
from recsys.search.kept_vectors import fitting_vectors, vectors_store
from recsys.search.networks import networks_of
from recsys.settings import Settings
from tests.kept import damage_kept, lose_kept


def test_row_i_is_the_vector_of_the_catalogue_s_product_i(
    home: Path, bundled: Backbone, encoder: Encoder, networks: Networks
) -> None:
    cache = home / "cache"
    catalogue = load_catalogue(cache)
    matrix = fitting_vectors(cache, bundled, catalogue, networks.identity(bundled))
    for row, product in enumerate(catalogue.products):
        picture = read_photo(images_of(cache).study_path(product.image_key))
        assert matrix[row] @ encoder.encode([encoder.prepare(picture)])[0] > 0.99999


def test_what_is_there_is_not_encoded_again(home: Path, bundled: Backbone, networks: Networks) -> None:
    report = embed_catalogue(load_catalogue(home / "cache"), home / "cache", bundled, networks)
    assert (report.encoded, report.reused, report.num_products) == (0, 16, 16)


def test_only_new_pictures_are_encoded(home: Path, bundled: Backbone, networks: Networks) -> None:
    cache = home / "cache"
    catalogue = load_catalogue(cache)
    old = Catalogue(catalogue.products[4:])
    for _ in range(2):  # the rows of the previous version stay
        embed_catalogue(old, cache, bundled, networks)
    steps: list[tuple[int, int]] = []
    report = embed_catalogue(
        catalogue, cache, bundled, networks, progress=lambda _stage, done, total: steps.append((done, total))
    )
    assert (report.encoded, report.reused) == (4, 12)
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_two_products_of_one_picture_have_one_vector(home: Path, bundled: Backbone, networks: Networks) -> None:
    cache = home / "cache"
    first, *others = load_catalogue(cache).products
    catalogue = Catalogue((first, replace(first, product_id="twin"), *others))
    embed_catalogue(catalogue, cache, bundled, networks)
    matrix = fitting_vectors(cache, bundled, catalogue, networks.identity(bundled))
    np.testing.assert_array_equal(matrix[0], matrix[1])


def test_vectors_of_another_catalogue_name_the_command_that_mends_it(
    home: Path, bundled: Backbone, networks: Networks
) -> None:
    first, *others = load_catalogue(home / "cache").products
    with pytest.raises(VectorsError, match="vectors by EfficientNetLite0, but 1 of the pictures have no"):
        changed = Catalogue((replace(first, image_key="f" * 64), *others))
        fitting_vectors(home / "cache", bundled, changed, networks.identity(bundled))


def test_vectors_of_more_pictures_fit_in_the_order_of_the_catalogue(
    home: Path, bundled: Backbone, networks: Networks
) -> None:
    cache, identity = home / "cache", networks.identity(bundled)
    catalogue = load_catalogue(cache)
    fewer = Catalogue(catalogue.products[:2:-1])
    matrix = fitting_vectors(cache, bundled, catalogue, identity)
    np.testing.assert_array_equal(fitting_vectors(cache, bundled, fewer, identity), matrix[:2:-1])


def test_damaged_vectors_are_made_again(home: Path, bundled: Backbone, networks: Networks) -> None:
    cache = home / "cache"
    damage_kept(cache)
    assert embed_catalogue(load_catalogue(cache), cache, bundled, networks).encoded == 16
    fitting_vectors(cache, bundled, load_catalogue(cache), networks.identity(bundled))


def test_a_lost_picture_is_said_to_be_lost(home: Path, bundled: Backbone, networks: Networks) -> None:
    cache = home / "cache"
    lose_kept(cache)
    lost = images_of(cache).study_path(load_catalogue(cache).products[5].image_key)
    lost.unlink()
    with pytest.raises(CatalogueError, match=f"Expected the picture {lost}.*lost or damaged"):
        embed_catalogue(load_catalogue(cache), cache, bundled, networks)


def test_an_empty_catalogue_can_be_embedded(tmp_path: Path, bundled: Backbone, networks: Networks) -> None:
    embed_catalogue(Catalogue(()), tmp_path, bundled, networks)
    assert fitting_vectors(tmp_path, bundled, Catalogue(()), networks.identity(bundled)).shape == (
        0,
        bundled.dim,
    )


STARTED = get_context("forkserver")  # imports everything once for both
STARTED.set_forkserver_preload([__name__])


def embed_slowly(cache: Path, reports: Connection) -> None:
    def progress(_stage: Stage, done: int, _total: int) -> None:
        reports.send(done)
        time.sleep(0.2)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stderr = None  # type: ignore[assignment]  # nobody reads where it was interrupted
    networks = networks_of(Settings(home=cache.parent))
    embed_catalogue(load_catalogue(cache), cache, BUNDLED_CHOICE, networks, progress=progress)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_stopped_is_continued(home: Path, bundled: Backbone, networks: Networks, how: int) -> None:
    cache = home / "cache"
    lose_kept(cache)
    reports, reported = STARTED.Pipe(duplex=False)
    process = STARTED.Process(target=embed_slowly, args=(cache, reported), daemon=True)
    process.start()
    reported.close()
    with reports:
        while reports.recv() != 6:
            pass
        assert process.pid is not None
        os.kill(process.pid, how)
        process.join(20)
    assert process.exitcode == {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: 1}[how]
    with pytest.raises(VectorsError, match="no vectors"):
        vectors_store(cache, bundled).version()
    report = embed_catalogue(load_catalogue(cache), cache, bundled, networks)
    assert report.encoded <= 10
    fitting_vectors(cache, bundled, load_catalogue(cache), networks.identity(bundled))
