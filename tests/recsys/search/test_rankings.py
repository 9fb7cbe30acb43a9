"""A third ranking is one entry: search, evaluation and the default take it from the registry."""

import numpy as np
import pytest
from numpy.typing import NDArray

from embeddings.imaging.photos import RGB
from embeddings.messages import Message
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.num_matches import NUM_MATCHES
from recsys.search.explanation import NOTHING_AGREES, Explanation, Size
from recsys.search.ranking import Nearest, Order, Query, Ranking
from recsys.search.rankings import COSINE, RANKINGS, REFINED, ranking_label
from recsys.search.recommender import Recommender
from recsys.search.stored import Stored
from recsys.settings import Settings


class LastFirst:
    """Prefers the catalogue's last products, and needs a photo's brightness."""

    shortfall = None

    def order(self, query: Query, by_cosine: Nearest, *, allowed: NDArray[np.bool_] | None) -> Order:
        rows = np.array([15]) if allowed is None else np.flatnonzero(allowed)[-1:]
        return Order(rows, evidence=query.content_for("last"))

    def explain(self, query: Query, row: int, *, photo_size: Size, packshot_size: Size) -> Explanation:
        return Explanation(NOTHING_AGREES, ())


LAST = Ranking(
    "last",
    Message("Last first"),
    Message("What the catalogue has last comes first."),
    Stored("last", lambda cache, backbone: (), lambda gallery, backbone, identity: LastFirst()),
    describe=lambda framed, encoder: float(framed.mean()),
)


def test_a_ranking_that_is_registered_orders_and_what_it_leaves_out_follows_by_cosine(
    settings: Settings,
    networks: Networks,
    bundled: Backbone,
    photographs: dict[str, RGB],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(RANKINGS, "last", LAST)
    recommender = Recommender(settings, networks)
    assert recommender.rankings(bundled)[-1] is LAST
    assert REFINED not in recommender.rankings(bundled)  # this home is not described
    assert recommender.default_ranking(bundled) is COSINE
    query = recommender.encode(photographs["coffee"], bundled, rankings=[LAST], framed=np.full((9, 9, 3), 7, np.uint8))
    by_cosine = [match.product for match in recommender.search(query, top=16, ranking=COSINE).matches]
    result = recommender.search(query, ranking=LAST)
    last = recommender.catalogue.products[-1]
    expected = [last, *(one for one in by_cosine if one != last)]
    assert [match.product for match in result.matches] == expected[:NUM_MATCHES]
    assert result.order.evidence == 7.0
    assert result.encode_ms > query.encode_ms == query.ms_for(COSINE)


def test_rankings_of_other_times_are_called_by_their_names() -> None:
    assert str(ranking_label("refined")) == str(REFINED.label)
    assert str(ranking_label("euclid")) == "euclid"
