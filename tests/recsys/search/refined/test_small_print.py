import cv2
import numpy as np
import pytest

from embeddings.features.describing import describe_photo
from embeddings.imaging.photos import RGB, encode_jpeg
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.packshots import kept_packshot
from recsys.catalogue.products import images_of, load_catalogue
from recsys.indexing.catalogue_descriptions import describe_catalogue
from recsys.search.explanation import Agreement
from recsys.search.refined.kept_descriptions import fitting_descriptions
from recsys.search.refined.refined_index import RefinedIndex
from recsys.search.refined.small_print import told_by_small_print

SIZES = ("10 tablet", "30 tablet", "60 tablet")
CORNERS = np.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.6], [0.9, 0.6], [0.5, 0.3]], np.float32)
TURNED = np.array([[0.45, -0.1, 60.0], [0.1, 0.45, 5.0]])


def pack(picture: RGB, line: str, *, moved: int = 0) -> RGB:
    """A packshot with a heading that may be shifted, and a line of small print below it."""
    shown = cv2.rectangle(picture[:400, :600].copy(), (40, 250), (560, 380), (240, 240, 230), -1)
    cv2.putText(shown, "Multivitamin", (60 + moved, 310), cv2.FONT_HERSHEY_SIMPLEX, 1.8, (160, 20, 20), 5, cv2.LINE_AA)
    cv2.putText(shown, line, (60, 360), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 90), 2, cv2.LINE_AA)
    return np.asarray(shown, np.uint8)


def seen(packshot: RGB, *, lower: float = 1.0) -> tuple[RGB, Agreement]:
    """A photo of a packshot in poor light, only its top down to `lower`, and where the two agree."""
    photo = cv2.warpAffine(packshot, TURNED, (320, 320), flags=cv2.INTER_AREA)[: round(320 * lower)]
    noise = np.random.default_rng(0).normal(0, 4, photo.shape)
    here = (CORNERS * 600) @ TURNED[:, :2].T + TURNED[:, 2]
    dark = np.clip(photo * 0.5 + 10 + noise, 0, 255).astype(np.uint8)
    return dark, Agreement(np.float32(here / max(dark.shape[:2])), CORNERS, len(CORNERS))


@pytest.mark.parametrize("moved", [0, 5])
@pytest.mark.parametrize("shown", range(len(SIZES)))
def test_the_size_that_a_photo_shows_is_recognised_by_its_line(
    photographs: dict[str, RGB], shown: int, moved: int
) -> None:
    sizes = [pack(photographs["coffee"], line, moved=moved * number) for number, line in enumerate(SIZES)]
    photo, agreement = seen(sizes[shown])
    told = told_by_small_print(photo, sizes, [agreement] * 3)
    assert told[0] == 0
    assert np.argmax(told) == shown
    assert sorted(told)[-1] - sorted(told)[-2] > 0.02


def test_products_of_other_pictures_are_not_compared(photographs: dict[str, RGB]) -> None:
    shown, other = pack(photographs["coffee"], SIZES[0]), pack(photographs["rocket"], SIZES[1])
    photo, agreement = seen(shown)
    assert told_by_small_print(photo, [other, shown], [agreement] * 2) == [0, 0]


def test_a_line_that_the_photo_does_not_show_does_not_count(photographs: dict[str, RGB]) -> None:
    sizes = [pack(photographs["coffee"], line) for line in SIZES[:2]]
    photo, agreement = seen(sizes[1], lower=0.4)
    assert told_by_small_print(photo, sizes, [agreement] * 2) == [0, 0]


def test_nothing_distinguishes_the_same_packshot_twice(photographs: dict[str, RGB]) -> None:
    shown = pack(photographs["coffee"], SIZES[0])
    photo, agreement = seen(shown)
    assert told_by_small_print(photo, [shown, shown], [agreement] * 2) == [0, 0]
    assert told_by_small_print(photo, [shown], [agreement]) == [0]


@pytest.fixture(scope="module")
def two_sizes(
    photographs: dict[str, RGB], bundled: Backbone, networks: Networks, tmp_path_factory: pytest.TempPathFactory
) -> RefinedIndex:
    """The closer look at two products whose packshots are equal but for the line."""
    folder = tmp_path_factory.mktemp("sizes")
    rows = ["product_id,name,brand,category,price,currency,image_url,description"]
    for number, line in enumerate(SIZES[:2]):
        (folder / f"{number}.jpg").write_bytes(encode_jpeg(pack(photographs["coffee"], line), quality=95))
        rows.append(f"{number},Multivitamin {line},Brand,Vitamins,15000,IDR,{number}.jpg,Tablets")
    (folder / "catalogue.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    cache = folder / "cache"
    import_catalogue(folder / "catalogue.csv", cache)
    catalogue, images = load_catalogue(cache), images_of(cache)
    describe_catalogue(catalogue, cache, bundled, networks)
    descriptions = fitting_descriptions(cache, bundled, catalogue, networks.identity(bundled))
    return RefinedIndex([descriptions], packshot=lambda row: kept_packshot(images, catalogue.image_keys[row]))


@pytest.mark.parametrize("shown", range(2))
def test_a_closer_look_puts_the_size_first_whose_line_the_photo_shows(
    two_sizes: RefinedIndex, encoder: Encoder, photographs: dict[str, RGB], shown: int
) -> None:
    photo, _ = seen(pack(photographs["coffee"], SIZES[shown]))
    assert two_sizes.order(describe_photo(photo, encoder)).rows.tolist() == [shown, 1 - shown]
