"""Two machines whose vectors and descriptions are in one bucket, each with a data home of its own."""

import shutil
import sys
from pathlib import Path

import pytest

from embeddings.errors import VectorsError
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import Catalogue, load_catalogue
from recsys.indexing.preparation import encode_catalogue
from recsys.search.kept_vectors import vectors_folder
from recsys.search.rankings import REFINED
from recsys.search.recommender import Recommender
from recsys.settings import Settings, shared_address


@pytest.fixture
def machines(shop_csv: Path, bucket: str, tmp_path: Path) -> list[Settings]:
    """Two that share an address and have the same catalogue."""
    address = f"{bucket}{tmp_path}"
    machines = [Settings(home=tmp_path / name, cache_address=address) for name in ("one", "other")]
    for settings in machines:
        import_catalogue(shop_csv, settings.cache)
        assert shared_address(settings.cache) == address
    return machines


def encoded(settings: Settings, bundled: Backbone, networks: Networks) -> int:
    report = encode_catalogue(
        load_catalogue(settings.cache), settings.cache, bundled, networks, progress=lambda *_: None
    )
    return report.encoded


def test_what_one_machine_encoded_is_searched_by_the_other(
    machines: list[Settings], bundled: Backbone, networks: Networks, photographs: dict[str, RGB]
) -> None:
    one, other = (Recommender(settings, networks) for settings in machines)
    assert "no vectors in s3://" in str(other.search_problem(bundled))
    assert [encoded(settings, bundled, networks) for settings in machines] == [16, 0]
    photo = photographs["coffee"][:200, 300:]
    query = one.encode(photo, bundled, rankings=[REFINED], framed=photo)
    found = [
        [match.product.product_id for match in Recommender(settings, networks).search(query, ranking=REFINED).matches]
        for settings in machines
    ]
    assert found[0] == found[1]
    assert found[0][0] == "coffee-1"


def test_a_copy_of_the_vectors_is_made_again_where_it_is_lost(
    machines: list[Settings], bundled: Backbone, networks: Networks
) -> None:
    encoded(machines[0], bundled, networks)
    other = machines[1].cache
    assert Recommender(machines[1], networks).search_problem(bundled) is None
    assert len(list(vectors_folder(other, bundled).glob("vectors-*.npy"))) == 1
    shutil.rmtree(vectors_folder(other, bundled))
    assert Recommender(machines[1], networks).search_problem(bundled) is None


def test_a_version_of_fewer_products_is_told_to_the_machine_that_has_more(
    machines: list[Settings], bundled: Backbone, networks: Networks
) -> None:
    encoded(machines[0], bundled, networks)
    fewer = Catalogue(load_catalogue(machines[0].cache).products[:9])
    encode_catalogue(fewer, machines[0].cache, bundled, networks, progress=lambda *_: None)
    assert "7 of the pictures have no vector yet" in str(Recommender(machines[1], networks).search_problem(bundled))


def test_without_the_engine_one_line_says_what_to_install(
    machines: list[Settings], bundled: Backbone, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lance", None)
    with pytest.raises(VectorsError, match=r"^Expected Lance, .*: run make setup-cluster"):
        Recommender(machines[0], networks).load(bundled)
