"""What a ranking is: a measure of how similar products are to a photo. `recsys.search.rankings` registers each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import KalcareError, VectorsError
from embeddings.imaging.photos import RGB
from embeddings.messages import Message
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder
from recsys.search.explanation import NOTHING_AGREES, Agreement, Explanation, Size
from recsys.search.index import Neighbours
from recsys.search.stored import Stored


@dataclass(frozen=True)
class Order:
    """Rows of a gallery, best first, (k,); rows left out follow by cosine.

    `evidence` is how strongly the photo suggests that the gallery has the product, comparable within one ranking only;
    `is_good` whether that is enough, None if unknown. `agreements` say where the print agrees with each of the first
    rows, and `is_confirmed` that the first row shows exactly this product.
    """

    rows: NDArray[np.int64]
    evidence: float
    is_good: bool | None = None
    agreements: tuple[Agreement, ...] = ()
    is_confirmed: bool = False

    def verified(self, rank: int) -> tuple[Agreement, bool]:
        """Where the row at a rank, counted from 1, agrees, and whether that confirms it as exactly this product."""
        if rank > len(self.agreements):
            return NOTHING_AGREES, False
        return self.agreements[rank - 1], rank == 1 and self.is_confirmed


Nearest = Callable[[], Neighbours]
NOTHING_ORDERED = Order(np.empty(0, np.int64), 0.0)


class Ranker(Protocol):
    """A ranking with its stored data for one gallery and one backbone. Safe to share between threads."""

    @property
    def shortfall(self) -> KalcareError | None:
        """What is missing for the best results, with the remedy; None if nothing is."""
        ...

    def order(self, query: "Query", by_cosine: Nearest, *, allowed: NDArray[np.bool_] | None) -> Order:
        """Order the `allowed` rows, (n,), or all; `by_cosine` finds as many as needed. Raises VectorsError."""
        ...

    def explain(self, query: "Query", row: int, *, photo_size: Size, packshot_size: Size) -> Explanation:
        """Say where a photo and the packshot of a row agree. Raises VectorsError."""
        ...


@dataclass(frozen=True, eq=False)
class Ranking:
    """A measure, with what commands and pages need to know about it.

    `label` and `summary` are shown to visitors; `name` is for commands and records. `stored` is the data stored for a
    catalogue, and `describe` computes what is needed of the photo's frame besides its vector; None if nothing is.
    """

    name: str
    label: Message
    summary: Message
    stored: Stored[Ranker]
    describe: Callable[[RGB, Encoder], Any] | None = None
    can_explain: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Described:
    """What a ranking computed from a photo, and how many milliseconds that took."""

    content: Any
    milliseconds: float


@dataclass(frozen=True)
class Query:
    """An encoded photo: a unit vector (dim,), the milliseconds that took, and what each ranking computed besides."""

    backbone: Backbone
    vector: NDArray[np.float32]
    encode_ms: float
    described: Mapping[str, Described] = field(default_factory=dict)  # by the ranking's name

    def content_for(self, name: str) -> Any:
        """What the named ranking computed from the photo. Raises VectorsError if the photo was not encoded for it."""
        if name not in self.described:
            raise VectorsError(f"Expected a photo encoded for the ranking {name}, got one without: encode it again.")
        return self.described[name].content

    def ms_for(self, ranking: Ranking) -> float:
        """The milliseconds that encoding took for the ranking."""
        described = self.described.get(ranking.name)
        return self.encode_ms + (described.milliseconds if described else 0.0)
