"""Searching among another shop's products as well: they may be found, but are never right."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import VectorsError
from embeddings.imaging.photos import RGB, encode_jpeg, read_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of, load_catalogue
from recsys.errors import CatalogueError
from recsys.evaluation.labelled_photos import LabelledPhoto
from recsys.evaluation.runs import evaluate
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.search.rankings import COSINE
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from tests.command_line import recsys, succeeded
from tests.kept import lose_kept

pytestmark = pytest.mark.usefixtures("loaded_networks")


@pytest.fixture(scope="session")
def other_home(
    photographs: dict[str, RGB], bundled: Backbone, networks: Networks, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Another shop, with some of the first one's ids and categories; its pictures are the photographs, mirrored."""
    folder = tmp_path_factory.mktemp("other")
    rows = ["product_id,name,category,image_url"]
    for name, photo in photographs.items():
        (folder / f"{name}.jpg").write_bytes(encode_jpeg(np.ascontiguousarray(photo[:, ::-1]), quality=90))
        rows.append(f"{name}-0,Mirrored {name},{name},{name}.jpg")
    (folder / "catalogue.csv").write_text("\n".join(rows))
    import_catalogue(folder / "catalogue.csv", folder / "home" / "cache")
    cache = folder / "home" / "cache"
    embed_catalogue(load_catalogue(cache), cache, bundled, networks)
    return folder / "home"


def test_distractors_are_compared_behind_the_home_s_own_products(
    settings: Settings, other_home: Path, bundled: Backbone, photographs: dict[str, RGB]
) -> None:
    alone, together = Recommender(settings), Recommender(settings, distractors=other_home)
    assert together.catalogue.products[:16] == alone.catalogue.products
    assert len(together.catalogue.by_id) == 20
    query = together.encode(np.ascontiguousarray(photographs["coffee"][:, ::-1]), bundled)
    result = together.search(query, ranking=COSINE)
    assert result.num_products == 20
    assert result.matches[0].product.name == "Mirrored coffee"
    order = together.rank_all(query)
    assert sorted(order) == list(range(20))
    np.testing.assert_array_equal(order[order < 16], alone.rank_all(query))


def test_a_distractor_is_never_what_was_looked_for(settings: Settings, other_home: Path, bundled: Backbone) -> None:
    product = Recommender(settings).catalogue.by_id["coffee-0"]
    other = load_catalogue(other_home / "cache").by_id["coffee-0"]
    own_photo = images_of(settings.cache).display_path(product.image_key)
    other_photo = images_of(other_home / "cache").display_path(other.image_key)
    queries = [LabelledPhoto(own_photo, "coffee-0"), LabelledPhoto(other_photo, "coffee-0")]
    alone, together = (
        evaluate(engine, queries, bundled, [COSINE])[0].groups["all"].means
        for engine in (Recommender(settings), Recommender(settings, distractors=other_home))
    )
    assert together["hit@1"] == 0.5  # the second photo's first match is the distractor with the same id and category
    assert together["map"] < alone["map"]


def test_the_home_s_own_product_is_found_by_its_photo_as_before(
    settings: Settings, other_home: Path, bundled: Backbone
) -> None:
    engine = Recommender(settings, distractors=other_home)
    photo = images_of(settings.cache).display_path(engine.catalogue.by_id["rocket-2"].image_key)
    result = engine.search(engine.encode(read_photo(photo), bundled), ranking=COSINE)
    assert result.matches[0].product.product_id == "rocket-2"


def test_the_error_for_unusable_distractors_names_them(
    settings: Settings, home: Path, other_home: Path, bundled: Backbone, tmp_path: Path, photographs: dict[str, RGB]
) -> None:
    with pytest.raises(
        CatalogueError, match=r"distractors cannot be used \(RECSYS_HOME=.*none\): Expected a catalogue"
    ):
        _ = Recommender(settings, distractors=tmp_path / "none").catalogue
    with pytest.raises(CatalogueError, match="Expected another data home"):
        Recommender(settings, distractors=home / ".." / home.name)
    engine = Recommender(settings, distractors=other_home)
    query = engine.encode(photographs["coffee"], bundled)
    engine.search(query, ranking=COSINE)
    lose_kept(settings.cache)
    with pytest.raises(VectorsError, match=r"^Expected the catalogue's vectors"):
        engine.search(query, ranking=COSINE)


def test_distractors_without_vectors_say_where_to_make_them(
    settings: Settings, other_home: Path, bundled: Backbone, tmp_path: Path, photographs: dict[str, RGB]
) -> None:
    (tmp_path / "bare" / "cache").mkdir(parents=True)
    (tmp_path / "bare" / "cache" / "catalogue.json").write_bytes((other_home / "cache/catalogue.json").read_bytes())
    engine = Recommender(settings, distractors=tmp_path / "bare")
    with pytest.raises(
        VectorsError, match=r"distractors cannot be used \(RECSYS_HOME=.*bare\).*vectors by EfficientNetLite0"
    ):
        engine.search(engine.encode(photographs["coffee"], bundled), ranking=COSINE)


def test_evaluate_counts_distractors_and_keeps_them_apart(home: Path, other_home: Path, tmp_path: Path) -> None:
    product = load_catalogue(home / "cache").by_id["coffee-1"]
    photo = images_of(home / "cache").display_path(product.image_key)
    (tmp_path / "queries.csv").write_text(f"photo,product_id\n{os.path.relpath(photo, tmp_path)},coffee-1\n")
    command = ("evaluate", "--queries", tmp_path / "queries.csv", "--json")
    printed = [
        json.loads(succeeded(recsys(*command, *more, home=home))) for more in ((), ("--distractors", other_home))
    ]
    assert [(content["num_products"], content["num_distractors"]) for content in printed] == [(16, 0), (16, 4)]
    kept = [json.loads(path.read_bytes()) for path in (home / "records" / "evaluations").glob("*.json")]
    assert {record["data_set"]["num_distractors"] for record in kept} == {0, 4}
    assert len({record["data_set"]["catalogue_sha256"] for record in kept}) == 1
