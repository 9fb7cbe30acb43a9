"""One version of a catalogue, ready to be searched; a new version gets a new engine."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import KalcareError, VectorsError
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.catalogue.gtin import same_length
from recsys.catalogue.products import Catalogue
from recsys.search.gallery import Gallery
from recsys.search.stored import STORED_VECTORS, Stored, check_stored_vectors
from recsys.search.text_search import TextSearch
from recsys.search.versioned import Versioned

T = TypeVar("T")


@dataclass(frozen=True)
class SearchEngine:
    """A gallery with everything derived from it, each made on first use. Safe to share between threads.

    What depends on the catalogue alone is made once. What is stored by a backbone is read again when its version or the
    backbone's weights change.
    """

    gallery: Gallery
    _made: Versioned = field(default_factory=Versioned, repr=False, compare=False)

    @property
    def catalogue(self) -> Catalogue:
        """The home's products, followed by any distractors."""
        return self.gallery.catalogue

    @property
    def text_search(self) -> TextSearch:
        """The search by words."""
        return self.once(_text_search)

    def once(self, make: Callable[[Catalogue], T]) -> T:
        """What `make`, a module-level function, makes of the catalogue: made once, then always the same object."""
        return self._made.get(make, None, lambda: make(self.catalogue))

    def read(self, stored: Stored[T], backbone: Backbone, identity: NetworkIdentity) -> T:
        """What is stored of this gallery by a backbone with this identity. Raises VectorsError."""
        version = self._version(stored, backbone, identity)
        key = ("read", stored.name, backbone.name)
        return self._made.get(key, version, lambda: stored.read(self.gallery, backbone, identity))

    def vectors_problem(self, backbone: Backbone, identity: NetworkIdentity) -> KalcareError | None:
        """Why the backbone cannot be searched with; checked without reading vectors, unless that has failed before."""

        def problem() -> KalcareError | None:
            try:
                check_stored_vectors(self.gallery, backbone, identity)
            except VectorsError as error:
                return error.with_traceback(None)
            return None

        version = self._version(STORED_VECTORS, backbone, identity)
        failure = self._made.failure(("read", STORED_VECTORS.name, backbone.name), version)
        return failure or self._made.get(("check", backbone.name), version, problem)

    def row_of(self, product_id: str) -> int | None:
        """The gallery's row of a product; None if there is no such product."""
        return self._rows.get(product_id)

    def rows_of_gtins(self, gtins: Iterable[str]) -> list[int]:
        """The gallery's rows of the products with these numbers, in the numbers' order."""
        return [row for gtin in dict.fromkeys(map(same_length, gtins)) for row in self._rows_by_gtin.get(gtin, ())]

    @property
    def has_gtins(self) -> bool:
        """Whether any product has a barcode number."""
        return bool(self._rows_by_gtin)

    def compared(self, allowed_ids: Collection[str] | None, excluded_id: str | None) -> NDArray[np.bool_] | None:
        """Which rows are compared, (n,): those of `allowed_ids`, or all, except `excluded_id`; None for all rows."""
        if allowed_ids is None and excluded_id not in self._rows:
            return None
        rows = np.full(len(self._rows), allowed_ids is None)
        if allowed_ids is not None:
            rows[[self._rows[one] for one in allowed_ids if one in self._rows]] = True
        if excluded_id in self._rows:
            rows[self._rows[excluded_id]] = False
        return rows

    @cached_property
    def _rows(self) -> dict[str | None, int]:
        return {product.product_id: row for row, product in enumerate(self.catalogue.products)}

    @cached_property
    def _rows_by_gtin(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, product in enumerate(self.catalogue.products):
            if product.gtin:
                rows.setdefault(same_length(product.gtin), []).append(row)
        return rows

    def _version(self, stored: Stored[object], backbone: Backbone, identity: NetworkIdentity) -> object:
        return identity, *(stored.version(part, backbone) for part in self.gallery.parts)


def _text_search(catalogue: Catalogue) -> TextSearch:
    return TextSearch(catalogue.products)
