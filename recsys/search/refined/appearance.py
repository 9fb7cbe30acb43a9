"""Appearance: how similar a photo and packshots look, whatever is printed on them."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.features.describing import PhotoDescription
from embeddings.features.descriptions import Patches, patches_in, unit, weights_of
from embeddings.features.patch_space import PatchSpace, learned_space
from embeddings.features.store import Records
from embeddings.models.backbones import Backbone
from embeddings.parallel import CORES, on_all_cores
from recsys.search.explanation import PatchPair, Size
from recsys.search.refined.late_interaction import late_interaction
from recsys.search.refined.patch_pairs import patch_pairs


class Appearance(Protocol):
    """The part of a description that measures visual similarity. Safe to share between threads."""

    def likeness(self, photo: PhotoDescription, records: Records) -> NDArray[np.float32]:
        """The similarity of a photo to each record: (len(records),), from -1 to 1."""
        ...

    def pairs(
        self, photo: PhotoDescription, record: Records, photo_size: Size, packshot_size: Size
    ) -> tuple[PatchPair, ...]:
        """The parts of a photo and of one record's packshot, (1,), that look alike, best first."""
        ...


class PatchAppearance:
    """Late interaction of patches, in the space learned for the backbone."""

    def __init__(self, space: PatchSpace) -> None:
        self._space = space
        self._lengths: dict[bytes, NDArray[np.float32]] = {}  # of a picture's patches in the space, by its key

    def likeness(self, photo: PhotoDescription, records: Records) -> NDArray[np.float32]:
        """The similarity of a photo's patches to each record's."""
        seen = self._space.project(photo.patches)
        parts = np.array_split(records, min(CORES, len(records)))
        return np.concatenate(on_all_cores(lambda part: self._likeness_to(part, seen), parts))

    def _likeness_to(self, records: Records, seen: Patches) -> NDArray[np.float32]:
        """The late interaction of projected patches, projecting only the photo's.

        For a packshot's patch p and a photo's s in the space, the cosine is (p M + b) s = p (M s) + b s, divided by the
        length of p M + b, which is the same for every photo.
        """
        kept = records["patches"].astype(np.float32)  # (n, p, d), patches of any length
        norms = np.maximum(np.sqrt(np.einsum("npd,npd->np", kept, kept)), np.float32(1e-9))
        turned = seen.directions @ self._space.matrix.T  # (f, q, d)
        cosines = kept.reshape(-1, kept.shape[-1]) @ turned.reshape(-1, kept.shape[-1]).T  # (n * p, f * q)
        cosines /= norms.reshape(-1, 1)
        cosines += (seen.directions @ self._space.offset).reshape(-1)
        cosines /= self._lengths_in_space(records["key"].tolist(), kept, norms).reshape(-1, 1)
        return late_interaction(
            cosines.reshape(*norms.shape, *seen.weights.shape), weights_of(norms * records["scales"]), seen.weights
        )

    def _lengths_in_space(
        self, keys: list[bytes], kept: NDArray[np.float32], norms: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The lengths in the space of pictures' unit-length patches: (n, p); computed once per picture."""
        new = [place for place, key in enumerate(keys) if key not in self._lengths]
        if new:
            lengths = self._space.lengths(kept[new] / norms[new][..., np.newaxis])
            self._lengths.update(zip((keys[place] for place in new), lengths, strict=True))
        return np.stack([self._lengths[key] for key in keys])

    def pairs(
        self, photo: PhotoDescription, record: Records, photo_size: Size, packshot_size: Size
    ) -> tuple[PatchPair, ...]:
        """The patches that are each other's best match."""
        return patch_pairs(self._space.project(photo.patches), self._projected(record), photo_size, packshot_size)

    def _projected(self, records: Records) -> Patches:
        return self._space.project(patches_in(records))


class WholeAppearance:
    """The cosine of whole pictures, relative to their mean: for a backbone without a patch space."""

    def __init__(self, mean: NDArray[np.float32]) -> None:
        """Take the mean of a catalogue's vectors: (dim,)."""
        self._mean = mean

    def likeness(self, photo: PhotoDescription, records: Records) -> NDArray[np.float32]:
        """The similarity of a photo's vector to each record's."""
        likeness = unit(records["vector"] - self._mean) @ unit(photo.vector - self._mean)
        return np.asarray(likeness, np.float32)

    def pairs(
        self, photo: PhotoDescription, record: Records, photo_size: Size, packshot_size: Size
    ) -> tuple[PatchPair, ...]:
        """No pairs: the similarity of parts is unknown."""
        return ()


def appearance_by(backbone: Backbone, sample: Callable[[], Records]) -> Appearance:
    """The comparison for the backbone's descriptions; `sample` gives records from all over the gallery."""
    space = learned_space(backbone)
    return WholeAppearance(sample()["vector"].mean(axis=0)) if space is None else PatchAppearance(space)
