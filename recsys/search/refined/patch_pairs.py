"""Which patches of a photo and of a packshot look the same."""

import numpy as np
from numpy.typing import NDArray

from embeddings.features.describing import FRAMES
from embeddings.features.descriptions import Patches
from embeddings.imaging.framing import MARGIN
from recsys.search.explanation import PatchPair, Rectangle, Size

_MOST_PAIRS = 5
_SHOWN = 0.5  # of a patch: beyond the picture is only white padding


def patch_pairs(photo: Patches, packshot: Patches, photo_size: Size, packshot_size: Size) -> tuple[PatchPair, ...]:
    """Pair the patches of a photo's frames with those of one packshot.

    Patches outside their picture are left out, and of pairs that show almost the same part of the photo, as two frames
    can, all but the best.
    """
    here = [part for share in FRAMES for part in patch_parts(photo_size, photo.weights.shape[1], share)]
    there = patch_parts(packshot_size, packshot.weights.shape[1], 1 + 2 * MARGIN)
    cosines = photo.directions.reshape(len(here), -1) @ packshot.directions[0].T  # (frames * patches, patches)
    cosines[~_shown(here, photo_size)] = -1
    cosines[:, ~_shown(there, packshot_size)] = -1
    columns = cosines.argmax(axis=1)
    rows = np.flatnonzero(cosines.argmax(axis=0)[columns] == np.arange(len(here)))  # each the other's best match
    worth = cosines[rows, columns[rows]] * (photo.weights.reshape(-1)[rows] + packshot.weights[0, columns[rows]])
    found: list[PatchPair] = []
    for row in rows[np.argsort(-worth, kind="stable")]:
        part, cosine = _within(here[row], photo_size), float(cosines[row, columns[row]])
        if cosine > 0 and all(part.shared(pair.photo) < part.area / 2 for pair in found):
            found.append(PatchPair(part, _within(there[columns[row]], packshot_size), cosine))
    return tuple(found[:_MOST_PAIRS])


def patch_parts(size: Size, num_patches: int, side: float) -> list[Rectangle]:
    """The grid of patches of a centred square, row by row.

    `side` is the square's, as a share of the picture's longer side; parts may reach beyond the picture.
    """
    across = round(num_patches**0.5)
    step = side / across
    height, width = _shares(size)
    left, top = (width - side) / 2, (height - side) / 2
    return [
        Rectangle(left + column * step, top + row * step, left + (column + 1) * step, top + (row + 1) * step)
        for row in range(across)
        for column in range(across)
    ]


def _shares(size: Size) -> tuple[float, float]:
    return size[0] / max(size), size[1] / max(size)


def _within(part: Rectangle, size: Size) -> Rectangle:
    height, width = _shares(size)
    return Rectangle(max(0.0, part.left), max(0.0, part.top), min(width, part.right), min(height, part.bottom))


def _shown(parts: list[Rectangle], size: Size) -> NDArray[np.bool_]:
    return np.array([_within(part, size).area >= _SHOWN * part.area for part in parts])
