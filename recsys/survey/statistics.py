"""How certain a share is: Wilson's interval for one share, Newcombe's for the difference of two.

E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927); R. G. Newcombe, Interval
estimation for the difference between independent proportions (1998), method 10. Both also hold for few answers, and if
everybody or nobody agrees.
"""

from math import hypot, sqrt
from statistics import NormalDist

_Z95 = NormalDist().inv_cdf(0.975)


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """The 95% interval of the share `count` of `total`, from 0 to 1; without answers, (0, 1)."""
    if total == 0:
        return 0.0, 1.0
    share, z2 = count / total, _Z95**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    reach = _Z95 / (1 + z2 / total) * sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    # If nobody or everybody agrees, that end is exact, but rounding would miss it.
    low = 0.0 if count == 0 else middle - reach
    return low, 1.0 if count == total else middle + reach


def newcombe_interval(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """The 95% interval of the difference of two shares, first - second, from -1 to 1; each is (count, total > 0)."""
    first_share, second_share = first[0] / first[1], second[0] / second[1]
    (first_low, first_high), (second_low, second_high) = wilson_interval(*first), wilson_interval(*second)
    difference = first_share - second_share
    return (
        difference - hypot(first_share - first_low, second_high - second_share),
        difference + hypot(first_high - first_share, second_share - second_low),
    )
