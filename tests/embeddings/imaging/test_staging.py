import numpy as np

from embeddings.imaging.photos import RGB
from embeddings.imaging.staging import SIDE, staged_photo


def test_a_staged_photo_is_the_same_for_the_same_seed_and_another_for_another(photographs: dict[str, RGB]) -> None:
    def staged(seed: int) -> RGB:
        return staged_photo(photographs["coffee"], photographs["rocket"], np.random.default_rng(seed))

    assert staged(1).shape == (SIDE, SIDE, 3)
    np.testing.assert_array_equal(staged(1), staged(1))
    assert (staged(1) != staged(2)).mean() > 0.5


def test_the_product_is_in_a_staged_photo_and_the_surroundings_around_it(photographs: dict[str, RGB]) -> None:
    red = np.full((200, 100, 3), 255, np.uint8)
    red[10:190, 10:90] = (200, 0, 0)
    photo = staged_photo(red, np.full((50, 50, 3), (0, 0, 200), np.uint8), np.random.default_rng(0)).astype(int)
    is_red, is_blue = photo[..., 0] > photo[..., 2] + 40, photo[..., 2] > photo[..., 0] + 40
    assert is_red.mean() > 0.08
    assert is_blue.mean() > 0.2
    assert is_red[SIDE // 2 - 40 : SIDE // 2 + 40, SIDE // 2 - 40 : SIDE // 2 + 40].mean() > 0.3
