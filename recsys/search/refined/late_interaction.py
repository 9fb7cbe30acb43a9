"""Late interaction: two pictures are as alike as their patches are, each compared with its best counterpart.

After ColBERT's sum of maxima (Khattab and Zaharia 2020, arXiv:2004.12832), here over a network's feature
map, in both directions, and weighted: a patch of plain background says less than one of print.
"""

import numpy as np
from numpy.typing import NDArray

from embeddings.features.descriptions import Patches


def late_interaction(query: Patches, gallery: Patches) -> NDArray[np.float32]:
    """Compare the frames of one photo with each picture of a gallery: (len(gallery),), from -1 to 1.

    The frames' results are averaged.
    """
    frames, query_patches, dim = query.directions.shape
    pictures, patches, _ = gallery.directions.shape
    cosines = query.directions.reshape(-1, dim) @ gallery.directions.reshape(-1, dim).T
    cosines = cosines.reshape(frames, query_patches, pictures, patches)
    there = np.einsum("fqg,fq->g", cosines.max(axis=3), query.weights)
    back = np.einsum("fgp,gp->g", cosines.max(axis=1), gallery.weights)
    likeness: NDArray[np.float32] = (there + back) / np.float32(2 * frames)
    return likeness
