"""What is derived from one version of a catalogue: made once, and again when the catalogue or its vectors change."""

import json

import pytest

from embeddings.errors import VectorsError
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.products import Catalogue, catalogue_path
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from tests.kept import damage_kept


@pytest.fixture
def recommender(settings: Settings, networks: Networks) -> Recommender:
    return Recommender(settings, networks)


def names_of(catalogue: Catalogue) -> list[str]:
    return [product.name for product in catalogue.products]


def test_what_depends_on_the_catalogue_is_made_once_per_catalogue(recommender: Recommender, settings: Settings) -> None:
    first = recommender.engine
    names = first.once(names_of)
    assert recommender.engine is first
    assert recommender.engine.once(names_of) is names
    path = catalogue_path(settings.cache)
    content = json.loads(path.read_bytes())
    content["products"].pop()
    path.with_suffix(".new").write_text(json.dumps(content))
    path.with_suffix(".new").replace(path)
    assert recommender.engine is not first
    assert recommender.engine.once(names_of) == names[:-1]
    assert first.once(names_of) is names  # users of the old one are not disturbed


def test_a_status_reads_no_vectors_and_learns_from_a_search_that_could_not(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    damage_kept(settings.cache)

    def is_ready() -> bool:
        return next(status.is_ready for status in recommender.statuses() if status.backbone is bundled)

    assert is_ready()
    with pytest.raises(VectorsError):
        recommender.likeness(bundled)
    assert not is_ready()


def test_the_rows_that_are_compared_are_those_that_are_allowed_and_not_excluded(recommender: Recommender) -> None:
    engine = recommender.engine
    ids = [product.product_id for product in engine.catalogue.products]
    assert engine.compared(None, None) is None
    assert engine.compared(None, "unheard-of") is None
    for allowed, excluded in (
        (None, ids[3]),
        (set(ids[2:9]), None),
        ({*ids[2:9], "unheard-of"}, ids[4]),
        (set(), ids[0]),
    ):
        expected = [(allowed is None or one in allowed) and one != excluded for one in ids]
        assert engine.compared(allowed, excluded).tolist() == expected
