"""Encoding by a real cluster of two nodes on this machine."""

from pathlib import Path

import numpy as np

from benchmarks.cluster import made_rows
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import load_catalogue
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.indexing.encoding import VECTORS
from recsys.indexing.ray_engine import RayCluster
from recsys.search.kept_vectors import fitting_vectors
from tests.kept import lose_kept
from tests.recsys.indexing.conftest import Pictures


def test_vectors_are_those_of_this_process_byte_for_byte(
    connected: RayCluster, bundled: Backbone, networks: Networks, pictures: Pictures
) -> None:
    engine = connected.start(bundled, networks, pictures.images)
    assert made_rows(engine, VECTORS, list(pictures.vectors)) == pictures.vectors


def test_a_data_home_gets_the_vectors_that_it_gets_without_a_cluster(
    connected: RayCluster, home: Path, bundled: Backbone, networks: Networks
) -> None:
    catalogue, cache, identity = load_catalogue(home / "cache"), home / "cache", networks.identity(bundled)
    before = np.array(fitting_vectors(cache, bundled, catalogue, identity))
    lose_kept(cache)
    done = embed_catalogue(catalogue, cache, bundled, networks, engine=connected.start)
    assert (done.encoded, done.reused) == (16, 0)
    np.testing.assert_array_equal(fitting_vectors(cache, bundled, catalogue, identity), before)
