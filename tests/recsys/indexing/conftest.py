"""Fixtures shared by tests of a cluster: two nodes, a connection to them, pictures to encode."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from benchmarks.passing import Passing, counted
from benchmarks.sample_pictures import packshots
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.image_store import keep_picture
from recsys.catalogue.products import ImageFolder
from recsys.indexing.encoding import DESCRIPTIONS, VECTORS, LocalEngine
from tests.recsys.indexing.ray_nodes import Nodes, running_nodes

if TYPE_CHECKING:
    from recsys.indexing.ray_engine import RayCluster

NUM_PICTURES = 24


@dataclass(frozen=True)
class Pictures:
    """Kept pictures, and what this process makes of them."""

    images: ImageFolder
    vectors: dict[str, bytes]
    descriptions: dict[str, bytes]


@pytest.fixture(scope="session")
def nodes(bucket: str) -> Iterator[Nodes]:
    """Two nodes, whose environment says where the bucket is."""
    assert bucket
    with running_nodes() as nodes:
        yield nodes


@pytest.fixture(scope="session")
def passing(nodes: Nodes) -> Iterator[Passing]:
    """The cluster's port, where what passes is counted."""
    with counted(nodes.address.removeprefix("ray://")) as passing:
        yield passing


@pytest.fixture(scope="session")
def connected(passing: Passing) -> Iterator["RayCluster"]:
    from recsys.indexing.ray_engine import RayCluster  # noqa: PLC0415  # half a second of tests without a cluster

    with RayCluster(f"ray://127.0.0.1:{passing.port}") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory, bundled: Backbone, networks: Networks) -> Pictures:
    from benchmarks.cluster import made_rows  # noqa: PLC0415  # as above

    images = ImageFolder(tmp_path_factory.mktemp("images"))
    image_keys = [keep_picture(images, picture) for picture in packshots(NUM_PICTURES)]
    local = LocalEngine(bundled, networks, images)
    return Pictures(images, *(made_rows(local, kind, image_keys) for kind in (VECTORS, DESCRIPTIONS)))
