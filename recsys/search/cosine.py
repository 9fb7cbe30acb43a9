"""The study's ranking: the cosine similarity of whole pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.messages import Message
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.search.explanation import NOTHING_AGREES, Explanation, Size
from recsys.search.gallery import Gallery
from recsys.search.ranking import Nearest, Order, Query, Ranker, Ranking
from recsys.search.stored import Stored


@dataclass(frozen=True, eq=False)
class _WholePictures:
    """Needs only the vectors, and which rows have their own picture."""

    own_picture: NDArray[np.bool_]
    shortfall: None = None

    def order(self, query: Query, by_cosine: Nearest, *, allowed: NDArray[np.bool_] | None) -> Order:
        nearest = by_cosine()
        telling = nearest.similarities[self.own_picture[nearest.rows]]
        return Order(nearest.rows, float(telling[0]) if len(telling) else -1.0)

    def explain(self, query: Query, row: int, *, photo_size: Size, packshot_size: Size) -> Explanation:
        return Explanation(NOTHING_AGREES, ())


def _whole_pictures(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> Ranker:
    return _WholePictures(gallery.own_picture)


COSINE = Ranking(
    "cosine",
    label=Message("As in the study"),
    summary=Message("The study compared each picture as a whole, by cosine similarity."),
    stored=Stored("cosine", lambda part, backbone: None, _whole_pictures),
)
