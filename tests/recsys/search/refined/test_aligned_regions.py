import cv2
import numpy as np
import pytest

from embeddings.imaging.photos import RGB
from recsys.search.explanation import Agreement
from recsys.search.refined.aligned_regions import aligned_likeness

TURNED = np.array([[0.35, -0.1, 60.0], [0.1, 0.35, 5.0]])
CORNERS = np.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.6], [0.9, 0.6], [0.5, 0.3]], np.float32)


def seen(packshot: RGB) -> tuple[RGB, Agreement]:
    """A photo of a packshot in poor light, and where the two agree."""
    photo = cv2.warpAffine(packshot, TURNED, (300, 300), flags=cv2.INTER_AREA)
    there = CORNERS * max(packshot.shape[:2])
    here = there @ TURNED[:, :2].T + TURNED[:, 2]
    return np.asarray(photo * 0.6 + 10, np.uint8), Agreement(np.float32(here / 300), CORNERS, len(CORNERS))


def labelled(packshot: RGB, colour: tuple[int, int, int], text: str) -> RGB:
    """A variant: the same picture with another label."""
    variant = cv2.rectangle(packshot.copy(), (200, 120), (400, 280), colour, -1)
    return np.asarray(cv2.putText(variant, text, (205, 220), cv2.FONT_HERSHEY_SIMPLEX, 2, (20, 20, 20), 6), np.uint8)


def test_a_photo_is_most_like_the_variant_that_it_shows(photographs: dict[str, RGB]) -> None:
    print_of_all = photographs["coffee"]  # 400 x 600
    variants = [
        labelled(print_of_all, (220, 40, 40), "Apple"),
        labelled(print_of_all, (220, 200, 40), "Apple"),
        labelled(print_of_all, (220, 40, 40), "Milk"),
    ]
    for number, shown in enumerate(variants):
        photo, agreement = seen(shown)
        likeness = [aligned_likeness(photo, variant, agreement) or 0 for variant in variants]
        assert np.argmax(likeness) == number
        assert likeness[number] > 0.6


def test_another_picture_at_the_same_place_is_unlike(photographs: dict[str, RGB]) -> None:
    photo, agreement = seen(photographs["coffee"])
    assert aligned_likeness(photo, photographs["rocket"][:400, :600], agreement) == pytest.approx(0, abs=0.2)


def test_a_photo_that_shows_little_of_a_packshot_does_not_count(photographs: dict[str, RGB]) -> None:
    photo, agreement = seen(photographs["coffee"])
    outside = Agreement(agreement.photo + np.float32(0.9), agreement.packshot, agreement.num_pairs)
    assert aligned_likeness(photo, photographs["coffee"], outside) is None
