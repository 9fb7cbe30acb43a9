"""What a ranking is: a measure of how alike products are to a photo. `recsys.search.rankings` registers each."""

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
from recsys.search.index import Neighbours
from recsys.search.refined.explanation import Explanation, Size
from recsys.search.refined.geometry import NOTHING_AGREES, Agreement
from recsys.search.stored import Stored


@dataclass(frozen=True)
class Order:
    """Rows of a gallery, best first, (k,); what is left out of it follows by cosine.

    `evidence` is how much speaks for the gallery's having what the photo shows, comparable within one ranking only;
    `is_good` whether that is enough, None where that is not known. `agreements` are what of the print agrees with the
    first rows, and `is_confirmed` says that it shows the first one to be the very product.
    """

    rows: NDArray[np.int64]
    evidence: float
    is_good: bool | None = None
    agreements: tuple[Agreement, ...] = ()
    is_confirmed: bool = False

    def verified(self, rank: int) -> tuple[Agreement, bool]:
        """What agrees with the row of a rank from 1, and whether that confirms it as the very product."""
        if rank > len(self.agreements):
            return NOTHING_AGREES, False
        return self.agreements[rank - 1], rank == 1 and self.is_confirmed


Nearest = Callable[[], Neighbours]
NOTHING_ORDERED = Order(np.empty(0, np.int64), 0.0)


class Ranker(Protocol):
    """A ranking with what it keeps of one gallery by one backbone. Safe to share between threads."""

    @property
    def shortfall(self) -> KalcareError | None:
        """What keeps it from finding all that it could, with what mends that; None where nothing does."""
        ...

    def order(self, query: "Query", by_cosine: Nearest, *, allowed: NDArray[np.bool_] | None) -> Order:
        """Order the rows `allowed`, (n,), or all; `by_cosine` finds as many as are wanted. Raises VectorsError."""
        ...

    def explain(self, query: "Query", row: int, *, photo_size: Size, packshot_size: Size) -> Explanation:
        """Say where a photo and the packshot of a row agree. Raises VectorsError."""
        ...


@dataclass(frozen=True, eq=False)
class Ranking:
    """A measure, with what a command and a page have to know of it.

    `label` and `summary` are what visitors read; `name` is for commands and records. `stored` is what it keeps of a
    catalogue, and `describe` what it takes of what is framed of a photo, besides the vector: None where that is all.
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
    """What a ranking took of a photo, and how many milliseconds that took."""

    content: Any
    milliseconds: float


@dataclass(frozen=True)
class Query:
    """An encoded photo: a unit vector (dim,), the milliseconds that took, and what rankings took of it besides."""

    backbone: Backbone
    vector: NDArray[np.float32]
    encode_ms: float
    described: Mapping[str, Described] = field(default_factory=dict)  # by the ranking's name

    def content_for(self, name: str) -> Any:
        """What the ranking of that name took of the photo. Raises VectorsError where it was not encoded for it."""
        if name not in self.described:
            raise VectorsError(f"Expected a photo encoded for the ranking {name}, got one without: encode it again.")
        return self.described[name].content

    def ms_for(self, ranking: Ranking) -> float:
        """What encoding took of what the ranking needs."""
        described = self.described.get(ranking.name)
        return self.encode_ms + (described.milliseconds if described else 0.0)
