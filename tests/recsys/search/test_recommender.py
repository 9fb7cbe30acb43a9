import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import FetchWeights, UnknownBackboneError
from embeddings.imaging.photos import RGB, read_photo
from embeddings.models.backbones import BACKBONES, Backbone
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of
from recsys.errors import BuildDemo, CatalogueError, EncodeCatalogue, ImportCatalogue
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.num_matches import NUM_MATCHES
from recsys.search.rankings import COSINE
from recsys.search.recommender import Recommender, result_json
from recsys.settings import Settings
from tests.small_shop import GTIN, WITH_BARCODE

pytestmark = pytest.mark.usefixtures("loaded_networks")


@pytest.fixture
def recommender(settings: Settings) -> Recommender:
    return Recommender(settings)


def picture_of(recommender: Recommender, settings: Settings, product_id: str) -> RGB:
    product = recommender.catalogue.by_id[product_id]
    return read_photo(images_of(settings.cache).display_path(product.image_key))


def test_a_photo_of_a_product_finds_that_product_first(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    for product_id in ("chelsea-0", "coffee-3", "rocket-2"):
        query = recommender.encode(picture_of(recommender, settings, product_id), bundled)
        result = recommender.search(query, ranking=COSINE)
        assert [match.rank for match in result.matches] == list(range(1, NUM_MATCHES + 1))
        assert result.matches[0].product.product_id == product_id
        assert result.matches[0].similarity == pytest.approx(1, abs=0.05)
        assert result.num_products == 16


def test_the_similarity_is_the_cosine_of_both_vectors(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = recommender.encode(picture_of(recommender, settings, "coffee-0"), bundled)
    match = recommender.search(query, ranking=COSINE).matches[2]
    encoder = recommender.networks.encoder(bundled)
    kept = read_photo(images_of(settings.cache).study_path(match.product.image_key))
    assert match.similarity == pytest.approx(float(encoder.encode([encoder.prepare(kept)])[0] @ query.vector), abs=1e-5)


def test_a_products_kept_picture_has_the_vector_that_it_would_be_encoded_into(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    kept = read_photo(images_of(settings.cache).study_path(recommender.catalogue.by_id["coffee-0"].image_key))
    encoded = recommender.encode(kept, bundled).vector
    black = np.zeros_like(kept)
    np.testing.assert_allclose(recommender.encode(black, bundled, kept_id="coffee-0").vector, encoded, atol=1e-5)
    assert recommender.encode(black, bundled, kept_id="gone").vector @ encoded < 0.9


def test_a_product_can_be_left_out_of_its_own_matches(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = recommender.encode(picture_of(recommender, settings, "coffee-0"), bundled)
    with_itself = [
        match.product.product_id for match in recommender.search(query, top=NUM_MATCHES + 1, ranking=COSINE).matches
    ]
    without = recommender.search(query, excluded_id="coffee-0", ranking=COSINE)
    assert [match.product.product_id for match in without.matches] == with_itself[1:]
    assert without.num_products == 15


def test_a_search_among_some_products_gives_the_best_of_them(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = recommender.encode(picture_of(recommender, settings, "coffee-0"), bundled)
    everything = [match.product.product_id for match in recommender.search(query, top=16, ranking=COSINE).matches]
    allowed_ids = {f"{name}-{quarter}" for name in ("coffee", "rocket") for quarter in range(4)}
    result = recommender.search(query, top=5, allowed_ids=allowed_ids, excluded_id="coffee-0", ranking=COSINE)
    expected = [one for one in everything if one in allowed_ids and one != "coffee-0"]
    assert [match.product.product_id for match in result.matches] == expected[:5]
    assert [match.rank for match in result.matches] == [1, 2, 3, 4, 5]
    assert result.num_products == 7
    assert recommender.search(query, allowed_ids=set(), ranking=COSINE).matches == ()


def test_the_whole_ranking_begins_with_the_matches(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = recommender.encode(picture_of(recommender, settings, "coffee-0"), bundled)
    order = recommender.rank_all(query)
    assert sorted(order) == list(range(16))
    first = [recommender.catalogue.products[row] for row in order[:NUM_MATCHES]]
    assert [match.product for match in recommender.search(query, ranking=COSINE).matches] == first


def test_a_new_catalogue_is_noticed_without_a_restart(
    recommender: Recommender, settings: Settings, bundled: Backbone, shop_csv: Path, tmp_path: Path
) -> None:
    query = recommender.encode(picture_of(recommender, settings, "coffee-0"), bundled)
    assert recommender.search(query, ranking=COSINE).num_products == 16
    header, *rows = shop_csv.read_text().splitlines()
    smaller = shop_csv.with_name("smaller.csv")
    smaller.write_text("\n".join([header, *rows[:12]]))
    import_catalogue(smaller, settings.cache)
    assert recommender.search(query, ranking=COSINE).num_products == 12
    embed_catalogue(recommender.catalogue, settings.cache, bundled, recommender.networks)
    assert recommender.search(query, ranking=COSINE).num_products == 12


def test_words_are_looked_for_in_the_catalogue_as_it_is_now(
    recommender: Recommender, settings: Settings, shop_csv: Path
) -> None:
    assert [one.product_id for one in recommender.text_search.find("rocket-3").products] == ["rocket-3"]
    assert recommender.text_search is recommender.text_search
    renamed = shop_csv.with_name("renamed.csv")
    renamed.write_text(shop_csv.read_text().replace("Product rocket-3", "Susu Cokelat"))
    import_catalogue(renamed, settings.cache)
    assert [one.product_id for one in recommender.text_search.find("coklat").products] == ["rocket-3"]


def test_every_backbone_has_a_status_and_only_the_embedded_one_is_ready(recommender: Recommender) -> None:
    statuses = {status.backbone.name: status for status in recommender.statuses()}
    assert list(statuses) == list(BACKBONES)
    assert [name for name, status in statuses.items() if status.is_ready] == ["EfficientNetLite0"]
    assert statuses["EfficientNetLite1"].failure.remedies == (EncodeCatalogue("EfficientNetLite1"),)
    assert statuses["ResNet50"].failure.remedies[0] == FetchWeights("ResNet50")


def test_the_default_backbone_is_the_bundled_one_unless_a_setting_names_another(
    recommender: Recommender, home: Path
) -> None:
    assert recommender.default_backbone().name == "EfficientNetLite0"
    assert Recommender(Settings(home=home, default_backbone="VGG16")).default_backbone().name == "VGG16"
    with pytest.raises(UnknownBackboneError, match="got 'AlexNet'"):
        Recommender(Settings(home=home, default_backbone="AlexNet")).default_backbone()


def test_without_a_catalogue_every_call_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="found none") as caught:
        Recommender(Settings(home=tmp_path)).statuses()
    assert caught.value.remedies == (BuildDemo(), ImportCatalogue())


def test_the_json_is_what_the_contract_says(recommender: Recommender, settings: Settings, bundled: Backbone) -> None:
    query = recommender.encode(picture_of(recommender, settings, "coffee-0"), bundled)
    content = json.loads(json.dumps(result_json(recommender.search(query, ranking=COSINE))))
    assert list(content) == ["backbone", "ranking", "encode_ms", "search_ms", "matches"]
    assert (content["backbone"], content["ranking"]) == ("EfficientNetLite0", "cosine")
    assert list(content["matches"][0]) == ["rank", "product_id", "name", "similarity"]
    assert np.isfinite([content["encode_ms"], content["search_ms"]]).all()


def test_a_search_loads_neither_tensorflow_nor_keras(home: Path) -> None:
    code = (
        "import sys, numpy as np; from recsys.search.recommender import Recommender;"
        "from recsys.search.rankings import COSINE; from recsys.settings import Settings;"
        "r = Recommender(Settings(home=sys.argv[1])); b = r.default_backbone();"
        "print(len(r.search(r.encode(np.zeros((300, 200, 3), np.uint8), b), ranking=COSINE).matches));"
        "loaded = {name.split('.')[0] for name in sys.modules};"
        "sys.exit(bool(loaded & {'tensorflow', 'keras', 'torch', 'streamlit', 'pandas'}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, home], check=False, capture_output=True, text=True, cwd=Path(__file__).parents[3]
    )
    assert (result.returncode, result.stdout) == (0, f"{NUM_MATCHES}\n"), result.stderr


def test_the_product_with_the_photos_barcode_comes_first_and_the_others_follow_as_they_were(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = recommender.encode(picture_of(recommender, settings, "rocket-2"), bundled)
    alike = [match.product.product_id for match in recommender.search(query, ranking=COSINE).matches]
    result = recommender.search(query, gtins=["96385074", f"0{GTIN}"], ranking=COSINE)
    assert [match.product.product_id for match in result.matches] == [WITH_BARCODE, *alike[: NUM_MATCHES - 1]]
    assert [match.has_same_barcode for match in result.matches] == [True, *(NUM_MATCHES - 1) * [False]]
    assert (result.has_good_match, result.missed_barcode) == (True, "")


def test_a_barcode_that_no_compared_product_has_is_reported(
    recommender: Recommender, settings: Settings, bundled: Backbone
) -> None:
    query = recommender.encode(picture_of(recommender, settings, "rocket-2"), bundled)
    assert recommender.search(query, gtins=["96385074"], ranking=COSINE).missed_barcode == "96385074"
    filtered = recommender.search(query, gtins=[GTIN], allowed_ids=["rocket-1", "rocket-2"], ranking=COSINE)
    assert filtered.missed_barcode == GTIN
    assert not any(match.has_same_barcode for match in filtered.matches)
