"""Chance: how many products that a photo does not show would speak for it as much as one does.

Print and looks each have a chance of their own, and a photo needs only one of the two: fruit has no print, and packs
look much like each other. Both are given as the logarithm of one over the number of such products that is expected,
so that they compare with each other, and from one catalogue, of any size and kind, to the next.
"""

from dataclasses import dataclass
from math import comb, log, pi

import numpy as np
from numpy.typing import NDArray

from recsys.search.refined.geometry import REPROJECTION, Agreement

_CROWDED = 0.25  # of the square of a photo's longer side: the keypoints of what it shows lie as if on no more
_ON_ITS_PLACE = pi * REPROJECTION**2 / _CROWDED  # so often a keypoint lies by chance where a map expects one
_FIXED = 3  # pairs fix an affine map


def told_by_print(agreement: Agreement) -> float:
    """How much the print of one product speaks for it: 0 where as much is expected of any product.

    The number of maps that explain as many pairs by chance (Moisan and Stival 2004, section 3,
    doi:10.1023/B:VISI.0000013094.38752.54): more pairs leave more to chance, whatever the catalogue.
    """
    pairs, agreeing = agreement.num_pairs, len(agreement)
    if agreeing <= _FIXED:
        return 0.0
    maps = log(pairs - _FIXED) + log(comb(pairs, agreeing)) + log(comb(agreeing, _FIXED))
    return max(0.0, -maps - (agreeing - _FIXED) * log(_ON_ITS_PLACE))


@dataclass(frozen=True)
class LooksByChance:
    """How alike the products of a catalogue look to photos that show none of them, in a Gumbel distribution.

    The best of so many has it: its `location` is where one such product is expected to lie, its `scale` how fast
    that rises with the logarithm of how many there are.
    """

    location: float
    scale: float

    def told(self, likeness: float) -> float:
        """How much the looks of one product speak for it, which look so much like the photo."""
        return (likeness - self.location) / self.scale


def looks_by_chance(best: NDArray[np.float64], num_products: int) -> LooksByChance:
    """Fit, by its moments, to how alike the `best` of so many products that photos do not show is: (photos,)."""
    scale = max(float(np.std(best)) * 6**0.5 / pi, 1e-3)
    return LooksByChance(float(np.mean(best)) - scale * (np.euler_gamma + log(num_products)), scale)
