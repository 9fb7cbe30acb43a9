"""Chance: how many products that are not in the photo would agree with it as much as one does.

Print and looks are judged separately, and one is enough: fruit has no print, and packs look much alike. Both are
expressed as the logarithm of one over the expected number of such products, so that they can be compared with each
other, and between catalogues of any size and kind.
"""

from dataclasses import dataclass
from math import comb, log, pi

import numpy as np
from numpy.typing import NDArray

from recsys.search.explanation import Agreement
from recsys.search.refined.geometry import REPROJECTION

_CROWDED = 0.25  # of the square of a photo's longer side: a product's keypoints crowd as if on this area
_ON_ITS_PLACE = pi * REPROJECTION**2 / _CROWDED  # the chance of a keypoint where a map expects one
_FIXED = 3  # pairs fix an affine map


def print_evidence(agreement: Agreement) -> float:
    """The evidence of a product's print: 0 if as much is expected of any product.

    The number of maps that would explain as many pairs by chance (Moisan and Stival 2004, section 3,
    doi:10.1023/B:VISI.0000013094.38752.54): the more pairs there are, the more agree by chance, whatever the catalogue.
    """
    pairs, agreeing = agreement.num_pairs, len(agreement)
    if agreeing <= _FIXED:
        return 0.0
    maps = log(pairs - _FIXED) + log(comb(pairs, agreeing)) + log(comb(agreeing, _FIXED))
    return max(0.0, -maps - (agreeing - _FIXED) * log(_ON_ITS_PLACE))


@dataclass(frozen=True)
class LooksByChance:
    """The similarity of a catalogue's products to photos that show none of them, as a Gumbel distribution.

    It is the distribution of the best of many: one such product is expected to reach `location`, which rises by `scale`
    times the logarithm of their number.
    """

    location: float
    scale: float

    def evidence(self, likeness: float) -> float:
        """The evidence of a product's looks, given their similarity to the photo."""
        return (likeness - self.location) / self.scale


def looks_by_chance(best: NDArray[np.float64], num_products: int) -> LooksByChance:
    """Fit, by its moments, the similarities (photos,) of the `best` of so many products not in the photos."""
    scale = max(float(np.std(best)) * 6**0.5 / pi, 1e-3)
    return LooksByChance(float(np.mean(best)) - scale * (np.euler_gamma + log(num_products)), scale)
