"""One picture that replaces many missing ones: it is not evidence, and no match is judged by it."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from embeddings.imaging.photos import RGB, encode_jpeg, read_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of, load_catalogue
from recsys.indexing.calibration import calibrate_catalogue
from recsys.indexing.preparation import encode_catalogue
from recsys.search.rankings import COSINE, REFINED
from recsys.search.recommender import Recommender
from recsys.search.refined.calibration import kept_calibration
from recsys.settings import Settings

NUM_PLACEHOLDERS = 12


@pytest.fixture(scope="module")
def placeholder() -> RGB:
    """A picture with much print on it, like shops' "picture follows"."""
    return np.ascontiguousarray(np.repeat(data.page()[..., np.newaxis], 3, axis=2))


@pytest.fixture(scope="module")
def placeholder_home(
    described_home: Path,
    shop_csv: Path,
    placeholder: RGB,
    bundled: Backbone,
    networks: Networks,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The small shop, and as many products again whose pictures are missing."""
    folder = shutil.copytree(shop_csv.parent, tmp_path_factory.mktemp("placeholders") / "shop")
    (folder / "none.jpg").write_bytes(encode_jpeg(placeholder, quality=95))
    with (folder / "catalogue.csv").open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [f"none-{number}", f"Product {number}", "Brand", "coffee", "1", "IDR", "none.jpg", ""]
            for number in range(NUM_PLACEHOLDERS)
        )
    home = shutil.copytree(described_home, folder.parent / "home", symlinks=True)
    import_catalogue(folder / "catalogue.csv", home / "cache")
    catalogue = load_catalogue(home / "cache")
    encode_catalogue(catalogue, home / "cache", bundled, networks, progress=lambda *_: None)
    calibrate_catalogue(catalogue, home / "cache", bundled, networks)
    return home


def test_calibration_and_likeness_are_what_they_are_without_placeholders(
    placeholder_home: Path, described_home: Path, bundled: Backbone, networks: Networks
) -> None:
    scales, thresholds = [], []
    for home in (described_home, placeholder_home):
        scales.append(Recommender(Settings(home=home), networks).likeness(bundled))
        calibration = kept_calibration(home / "cache", bundled, load_catalogue(home / "cache"))
        assert calibration is not None
        assert calibration.looks is not None
        thresholds.append(calibration.looks)
    assert scales[0] == scales[1]
    assert (thresholds[0].location, thresholds[0].scale) == pytest.approx((thresholds[1].location, thresholds[1].scale))


def test_a_placeholder_is_never_a_match_s_reason(
    placeholder_home: Path, placeholder: RGB, bundled: Backbone, networks: Networks
) -> None:
    recommender = Recommender(Settings(home=placeholder_home), networks)
    query = recommender.encode(placeholder, bundled, rankings=[REFINED], framed=placeholder)
    refined = recommender.search(query, ranking=REFINED, top=28)
    assert not refined.has_good_match
    own = [match.has_own_picture for match in refined.matches]
    assert own == [True] * 16 + [False] * NUM_PLACEHOLDERS  # they take no place from products with a picture
    assert not any(match.is_confirmed or len(match.agreement) for match in refined.matches[16:])
    cosine = recommender.search(query, ranking=COSINE, top=28)
    assert not cosine.matches[0].has_own_picture  # the study's order is unchanged
    assert cosine.order.evidence < 0.9 < cosine.matches[0].similarity


def test_what_has_a_picture_is_found_as_before(placeholder_home: Path, bundled: Backbone, networks: Networks) -> None:
    recommender = Recommender(Settings(home=placeholder_home), networks)
    product = recommender.catalogue.by_id["coffee-0"]
    photo = read_photo(images_of(placeholder_home / "cache").display_path(product.image_key))
    result = recommender.search(recommender.encode(photo, bundled, rankings=[REFINED], framed=photo), ranking=REFINED)
    assert result.matches[0].product == product
    assert result.matches[0].is_confirmed
    assert result.has_good_match
