"""Late interaction: two pictures are as similar as their patches, each compared with its best match.

After ColBERT's sum of maxima (Khattab and Zaharia 2020, arXiv:2004.12832), here over a network's feature map, in both
directions, and weighted: a patch of plain background counts less than one of print.
"""

import numpy as np
from numpy.typing import NDArray


def late_interaction(
    cosines: NDArray[np.float32], gallery_weights: NDArray[np.float32], query_weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The similarity of a gallery's pictures to the frames of one photo: (pictures,), from -1 to 1.

    `cosines`, (pictures, gallery's patches, frames, photo's patches), are those of every pair of patches; the weights
    of a picture's patches, (pictures, patches) and (frames, patches), add up to one. The frames' results are averaged.
    """
    there = np.einsum("gfq,fq->g", cosines.max(axis=1), query_weights)
    back = np.einsum("gpf,gp->g", cosines.max(axis=3), gallery_weights)
    likeness: NDArray[np.float32] = (there + back) / np.float32(2 * len(query_weights))
    return likeness
