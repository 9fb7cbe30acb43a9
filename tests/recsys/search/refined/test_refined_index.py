import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage.transform import rotate

from embeddings.errors import VectorsError
from embeddings.imaging.photos import RGB, read_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of
from recsys.errors import EncodeCatalogue
from recsys.evaluation.labelled_photos import read_queries
from recsys.evaluation.runs import evaluate
from recsys.indexing.calibration import calibrate_catalogue
from recsys.indexing.preparation import encode_catalogue
from recsys.num_matches import NUM_MATCHES
from recsys.search.ranking import Query
from recsys.search.rankings import COSINE, REFINED
from recsys.search.recommender import Recommender
from recsys.search.refined import refined_index
from recsys.search.refined.print_index import print_folder
from recsys.settings import Settings
from tests.kept import lose_kept
from tests.small_shop import GTIN, WITH_BARCODE

pytestmark = pytest.mark.usefixtures("loaded_networks")


@pytest.fixture
def settings(described_home: Path, tmp_path: Path) -> Settings:
    """The settings of a described home of the test's own."""
    return Settings(home=shutil.copytree(described_home, tmp_path / "home", symlinks=True))


@pytest.fixture
def recommender(settings: Settings) -> Recommender:
    """The recommender of the small shop."""
    return Recommender(settings)


def _turned_photo(recommender: Recommender, settings: Settings, product_id: str) -> RGB:
    product = recommender.catalogue.by_id[product_id]
    picture = read_photo(images_of(settings.cache).display_path(product.image_key))
    turned = rotate(picture, 12, resize=True, cval=0.4, preserve_range=True)
    return np.ascontiguousarray(turned.astype(np.uint8))


def _refined(recommender: Recommender, photo: RGB, bundled: Backbone) -> Query:
    return recommender.encode(photo, bundled, rankings=[REFINED], framed=photo)


@pytest.mark.parametrize("product_id", ["coffee-0", "astronaut-1", "chelsea-3", "rocket-2"])
def test_a_turned_picture_finds_its_product(
    product_id: str, recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = _refined(recommender, _turned_photo(recommender, settings, product_id), bundled)
    result = recommender.search(query, ranking=REFINED)
    assert result.matches[0].product.product_id == product_id
    assert result.has_good_match


def test_the_similarity_is_the_cosine_whatever_the_ranking(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = _refined(recommender, _turned_photo(recommender, settings, "coffee-0"), bundled)
    matches = recommender.search(query, top=16, ranking=COSINE).matches
    by_cosine = {match.product.product_id: match.similarity for match in matches}
    for match in recommender.search(query, ranking=REFINED).matches:
        assert match.similarity == pytest.approx(by_cosine[match.product.product_id], abs=1e-9)


def test_print_that_agrees_confirms_the_best_match_only(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = _refined(recommender, _turned_photo(recommender, settings, "astronaut-1"), bundled)
    matches = recommender.search(query, ranking=REFINED).matches
    assert len(matches[0].agreement) >= 12
    assert [match.is_confirmed for match in matches] == [True, *(NUM_MATCHES - 1) * [False]]


def test_no_print_confirms_a_product_with_another_barcode_than_the_photos(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = _refined(recommender, _turned_photo(recommender, settings, WITH_BARCODE), bundled)
    for gtins, is_confirmed in (((), True), ((GTIN,), True), (("96385074",), False)):
        first = recommender.search(query, ranking=REFINED, gtins=gtins).matches[0]
        assert (first.product.product_id, first.is_confirmed) == (WITH_BARCODE, is_confirmed)


def test_all_products_are_ranked_once_and_the_search_shows_their_beginning(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = _refined(recommender, _turned_photo(recommender, settings, "coffee-0"), bundled)
    result = recommender.search(query, ranking=REFINED)
    rows = recommender.rank_all(query, result.order)
    assert sorted(rows) == list(range(16))
    shown = [match.product for match in result.matches]
    assert shown == [recommender.catalogue.products[row] for row in rows[:NUM_MATCHES]]


def test_products_that_are_left_out_or_filtered_away_are_not_found(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = _refined(recommender, _turned_photo(recommender, settings, "coffee-0"), bundled)
    allowed_ids = {"coffee-0", "coffee-1", "rocket-2"}
    result = recommender.search(query, ranking=REFINED, excluded_id="coffee-0", allowed_ids=allowed_ids)
    assert {match.product.product_id for match in result.matches} == {"coffee-1", "rocket-2"}
    nothing = recommender.search(query, ranking=REFINED, allowed_ids=set())
    assert nothing.matches == ()
    assert nothing.has_good_match is None


def test_a_shop_too_large_for_a_closer_look_at_all_says_if_print_is_not_indexed(
    recommender: Recommender, settings: Settings, bundled: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refined_index, "NUM_CANDIDATES", 8)
    assert recommender.shortfall(REFINED, bundled) is None
    shutil.rmtree(print_folder(settings.cache))
    shortfall = recommender.shortfall(REFINED, bundled)
    assert str(settings.home) in str(shortfall)
    assert shortfall.remedies == (EncodeCatalogue("EfficientNetLite0"),)
    assert recommender.shortfall(COSINE, bundled) is None
    encode_catalogue(recommender.catalogue, settings.cache, bundled, recommender.networks, progress=lambda *_: None)
    assert recommender.shortfall(REFINED, bundled) is None


def test_a_catalogue_that_is_not_described_says_how_to_describe_it(settings: Settings, bundled: Backbone) -> None:
    lose_kept(settings.cache)
    recommender = Recommender(settings)
    assert recommender.statuses()
    problem = recommender.ranking_problem(REFINED, bundled)
    assert isinstance(problem, VectorsError)
    assert problem.remedies == (EncodeCatalogue("EfficientNetLite0"),)


def test_a_photo_that_was_not_described_is_not_ranked(
    recommender: Recommender, bundled: Backbone, photographs: dict[str, RGB]
) -> None:
    with pytest.raises(VectorsError, match="encode it again"):
        recommender.search(recommender.encode(photographs["coffee"], bundled), ranking=REFINED)


@pytest.mark.parametrize("brightness", [0, 120, 255])
def test_a_photo_of_nothing_has_no_good_match(brightness: int, recommender: Recommender, bundled: Backbone) -> None:
    plain = np.full((300, 300, 3), brightness, np.uint8)
    assert recommender.search(_refined(recommender, plain, bundled), ranking=REFINED).has_good_match is False


@pytest.fixture(scope="module")
def packages_shop(
    grocery: Path, networks: Networks, tmp_path_factory: pytest.TempPathFactory, bundled: Backbone
) -> Recommender:
    """The packaged products of a real grocery, without its fruit and vegetables."""
    home = tmp_path_factory.mktemp("packages")
    packages = {query.product_id for query in read_queries(grocery / "queries.csv") if query.group == "packages"}
    with (grocery / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["product_id"] in packages]
    shutil.copytree(grocery / "images", home / "images")  # a link would lead outside the folder
    with (home / "catalogue.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    settings = Settings(home=home)
    import_catalogue(home / "catalogue.csv", settings.cache)
    recommender = Recommender(settings, networks)
    catalogue = recommender.catalogue
    encode_catalogue(catalogue, settings.cache, bundled, networks, progress=lambda *_: None)
    calibrate_catalogue(catalogue, settings.cache, bundled, networks)
    return recommender


def test_real_packages_are_found_more_often_than_by_cosine(
    packages_shop: Recommender, grocery: Path, bundled: Backbone
) -> None:
    queries = [query for query in read_queries(grocery / "queries.csv") if query.group == "packages"][::12]
    cosine, refined = evaluate(packages_shop, queries, bundled, [COSINE, REFINED])
    assert len(queries) == 72
    assert refined.groups["all"].means["hit@1"] >= 0.7
    assert refined.groups["all"].means["hit@1"] >= cosine.groups["all"].means["hit@1"] + 0.2
    assert refined.groups["all"].means["hit@5"] >= 0.9


def test_photos_from_another_aisle_have_no_good_match_and_photos_of_packages_do(
    packages_shop: Recommender, grocery: Path, bundled: Backbone
) -> None:
    queries = read_queries(grocery / "queries.csv")
    good: dict[str, list[bool | None]] = {"packages": [], "produce": []}
    for group, verdicts in good.items():
        for query in [query for query in queries if query.group == group][::40]:
            encoded = packages_shop.encode(read_photo(query.photo), bundled, rankings=[REFINED])
            verdicts.append(packages_shop.search(encoded, ranking=REFINED).has_good_match)
    # Cartons showing a side or a back have no more evidence than expected by chance.
    assert np.mean(good["packages"]) >= 0.75
    assert np.mean(good["produce"]) <= 0.15
