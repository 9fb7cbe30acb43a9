"""The meaning of a cosine for people: how similar two pictures are, on a scale taken from the catalogue itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.features.store import Matrix

_NUM_PROBES = 200
_NUM_COMPARED = 5_000

LEVELS = (0.2, 0.4, 0.6, 0.85)
"""Where the next level starts on the scale: hardly, somewhat, similar, very, almost the same."""


@dataclass(frozen=True)
class LikenessScale:
    """From 0, the cosine of any two products of a catalogue, to 1, the cosine of a product and its nearest neighbour.

    The cosines themselves say little: their range differs between backbones and catalogues.
    """

    unlike: float = 0.0
    alike: float = 1.0

    def share(self, cosine: float) -> float:
        """The position of a cosine on the scale, from 0 to 1."""
        return float(np.clip((cosine - self.unlike) / (self.alike - self.unlike), 0.0, 1.0))

    def level(self, cosine: float) -> int:
        """The number of `LEVELS` that a cosine reaches."""
        return sum(self.share(cosine) >= level for level in LEVELS)


COSINE_ITSELF = LikenessScale()
"""The scale to use without a catalogue to measure one in."""


def rows_to_measure(num_rows: int, own_picture: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """The rows of a gallery that `measure_likeness` uses.

    Only rows with their own picture, `own_picture` (n,), count; None means all.
    """
    rows = np.arange(num_rows) if own_picture is None else np.flatnonzero(own_picture)
    return rows[_spread(len(rows), _NUM_COMPARED)]


def measure_likeness(gallery: Matrix) -> LikenessScale:
    """Measure the scale from a gallery's unit vectors (n, dim): the medians over some of them.

    Products that share a picture count once. If nothing in the gallery is more similar than anything else, the scale is
    that of the cosine itself.
    """
    first = dict(reversed([(vector.tobytes(), place) for place, vector in enumerate(gallery)]))
    gallery = gallery[sorted(first.values())]
    if len(gallery) < 3:
        return COSINE_ITSELF
    probes = _spread(len(gallery), _NUM_PROBES)
    cosines = gallery[probes] @ gallery.T  # (probes, compared)
    cosines[np.arange(len(probes)), probes] = np.nan
    unlike, alike = float(np.nanmedian(cosines)), float(np.median(np.nanmax(cosines, axis=1)))
    return LikenessScale(unlike, alike) if alike - unlike > 1e-3 else COSINE_ITSELF


def _spread(available: int, wanted: int) -> NDArray[np.int64]:
    """At most `wanted` rows, evenly spread over the `available` ones."""
    return np.unique(np.linspace(0, max(0, available - 1), min(available, wanted)).astype(np.int64))
