"""The position of each of very many keys."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.bytes_]


class KeyPlaces:
    """A read-only dictionary from keys to places, in a third of a dictionary's memory."""

    def __init__(self, keys: Keys, places: NDArray[np.int64] | None = None) -> None:
        """Take keys (n,), and the place of each, (n,); None means 0, 1, 2, and so on."""
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._places = order if places is None else places[order]

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> list[str]:
        """All keys, in their original order."""
        return [key.decode() for key in self._keys.tolist()]

    def of(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """The place of each key, (len(keys),): the last if there are several, and -1 if there is none."""
        if not len(self):
            return np.full(len(keys), -1)
        wanted = np.array(keys, self._keys.dtype)
        found = np.searchsorted(self._keys, wanted, side="right") - 1
        return np.where((found >= 0) & (self._keys[found] == wanted), self._places[found], -1)
