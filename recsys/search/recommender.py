"""From photo to matches: the single path shared by pages and command line."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import KalcareError, VectorsError, WeightsError
from embeddings.imaging.framing import FRAMED, middle
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import BACKBONES, BUNDLED_CHOICE, STUDY_CHOICE, Backbone, backbone_named
from embeddings.models.runtime import Networks
from embeddings.models.weights import WeightsState
from recsys.catalogue.products import Catalogue, Product, catalogue_path
from recsys.errors import CatalogueError, UnknownProductError
from recsys.num_matches import NUM_MATCHES
from recsys.search.engine import SearchEngine
from recsys.search.explanation import NOTHING_AGREES, Agreement, Explanation, Size
from recsys.search.gallery import Gallery, file_versions, load_gallery
from recsys.search.index import VectorIndex
from recsys.search.likeness import LikenessScale
from recsys.search.networks import networks_of
from recsys.search.ranking import NOTHING_ORDERED, Described, Order, Query, Ranker, Ranking
from recsys.search.rankings import COSINE, RANKINGS
from recsys.search.recalls import recalls_of
from recsys.search.stored import STORED_VECTORS
from recsys.search.text_search import TextSearch
from recsys.search.versioned import Versioned
from recsys.settings import Settings


@dataclass(frozen=True)
class Match:
    """A product found: its rank, from 1, and the cosine similarity of its picture to the photo.

    `agreement` says where the print on both agrees, and `is_confirmed` whether enough does to show that both are the
    same product; rankings that do not compare print leave them empty. `has_own_picture` is false if the picture is a
    placeholder shared by many products, which is no reason to call them similar. `has_same_barcode` means that the
    photo shows this product's barcode, so it is exactly this product, whatever its picture.
    """

    rank: int
    product: Product
    similarity: float
    agreement: Agreement = NOTHING_AGREES
    is_confirmed: bool = False
    has_own_picture: bool = True
    has_same_barcode: bool = False


@dataclass(frozen=True)
class SearchResult:
    """The most similar products, best first, of the `num_products` compared, and the ranking's `order`.

    Products whose barcode the photo shows come first. `missed_barcode` is a barcode in the photo if no compared product
    has any of its barcodes, and empty otherwise.
    """

    backbone: Backbone
    ranking: Ranking
    matches: tuple[Match, ...]
    num_products: int
    encode_ms: float
    search_ms: float
    order: Order = NOTHING_ORDERED
    missed_barcode: str = ""

    @property
    def has_good_match(self) -> bool | None:
        """Whether the best match is likely to be what the photo shows, or at least of its kind; None if unknown."""
        if any(match.has_same_barcode for match in self.matches):
            return True
        return self.order.is_good if self.matches else None


@dataclass(frozen=True)
class BackboneStatus:
    """Whether a backbone can be used for searching, and if not, why."""

    backbone: Backbone
    weights: WeightsState
    is_ready: bool
    failure: KalcareError | None = None


class Recommender:
    """Search in the catalogue of one data home. Safe to share between threads.

    Each call checks whether the catalogue has changed; everything derived from one version belongs to one `engine`.
    """

    def __init__(
        self, settings: Settings, networks: Networks | None = None, *, distractors: Path | None = None
    ) -> None:
        """Search in the home of `settings` and, with `distractors`, among another home's products as well.

        `networks` encodes the photos; None means the home's own.
        """
        self._settings = settings
        self._caches = [settings.cache]
        if distractors is not None:
            if distractors.resolve() == settings.home.resolve():
                raise CatalogueError(
                    f"Expected another data home as distractors, got {distractors}, which is this one."
                )
            self._caches.append(Settings(home=distractors, cache_address="").cache)
        self._engine = Versioned()
        self.networks = networks or networks_of(settings)

    @property
    def engine(self) -> SearchEngine:
        """The engine for the catalogue as it is on disk now. Raises CatalogueError if there is none."""
        version = file_versions(catalogue_path(cache) for cache in self._caches)
        return self._engine.get("engine", version, lambda: SearchEngine(load_gallery(self._caches)))

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue as it is on disk now. Raises CatalogueError if there is none."""
        return self.engine.catalogue

    @property
    def text_search(self) -> TextSearch:
        """The search by words in the catalogue as it is now. Raises CatalogueError if there is none."""
        return self.engine.text_search

    @property
    def gallery(self) -> Gallery:
        """The catalogue with any distractors, as they are on disk now. Raises CatalogueError if there is none."""
        return self.engine.gallery

    def statuses(self) -> list[BackboneStatus]:
        """The state of every backbone in the registry. Raises CatalogueError if there is no catalogue."""
        engine = self.engine
        return [self._status(engine, backbone) for backbone in BACKBONES.values()]

    def default_backbone(self) -> Backbone:
        """The backbone to use if none is named: from the settings, or the study's if ready, or the bundled one.

        Raises UnknownBackboneError if the setting names an unknown one, CatalogueError if there is no catalogue.
        """
        if self._settings.default_backbone:
            return backbone_named(self._settings.default_backbone)
        return STUDY_CHOICE if self._status(self.engine, STUDY_CHOICE).is_ready else BUNDLED_CHOICE

    def rankings(self, backbone: Backbone) -> list[Ranking]:
        """The rankings that a ready backbone supports, the default one first."""
        return [ranking for ranking in RANKINGS.values() if self.ranking_problem(ranking, backbone) is None]

    def default_ranking(self, backbone: Backbone) -> Ranking:
        """The ranking to use if none is named."""
        return next(iter(self.rankings(backbone)), COSINE)

    def search_problem(self, backbone: Backbone) -> KalcareError | None:
        """Why the backbone cannot be used for searching; None if it can. Reads its vectors."""
        try:
            self._index(self.engine, backbone)
        except (VectorsError, WeightsError) as error:
            return error
        return None

    def ranking_problem(self, ranking: Ranking, backbone: Backbone) -> KalcareError | None:
        """Why a ranking cannot be used with a backbone; None if it can. Reads the ranking's stored data."""
        try:
            self._ranker(self.engine, ranking, backbone)
        except (VectorsError, WeightsError) as error:
            return error
        return None

    def shortfall(self, ranking: Ranking, backbone: Backbone) -> KalcareError | None:
        """What a usable ranking lacks for its best results. Raises as `search` does."""
        return self._ranker(self.engine, ranking, backbone).shortfall

    def encode(
        self,
        photo: RGB,
        backbone: Backbone,
        *,
        rankings: Sequence[Ranking] = (),
        framed: RGB | None = None,
        kept_id: str | None = None,
    ) -> Query:
        """Encode a photo (height, width, 3), and compute from the `framed` part what the `rankings` need besides.

        Without a frame, that is the photo's middle. `kept_id` is the product whose stored picture the photo is: its
        vector exists already. Raises WeightsError or NetworkError.
        """
        encoder = self.networks.encoder(backbone)
        started = perf_counter()
        vector = self._kept_vector(kept_id, backbone) if kept_id is not None else None
        if vector is None:
            vector = encoder.encode([encoder.prepare(photo)])[0]
        query = Query(backbone, vector, _milliseconds_since(started))
        described = {}
        for ranking in rankings:
            if ranking.describe is not None:
                started = perf_counter()
                content = ranking.describe(middle(photo, FRAMED) if framed is None else framed, encoder)
                described[ranking.name] = Described(content, _milliseconds_since(started))
        return replace(query, described=described)

    def search(
        self,
        query: Query,
        *,
        ranking: Ranking,
        top: int = NUM_MATCHES,
        excluded_id: str | None = None,
        allowed_ids: Collection[str] | None = None,
        gtins: Sequence[str] = (),
    ) -> SearchResult:
        """Find the `top` most similar products, without the one whose id is `excluded_id`.

        With `allowed_ids`, only products with these ids are compared. Products with one of the `gtins`, the barcode
        numbers in the photo, come first; evaluations of similarity pass none. Raises VectorsError if the catalogue's
        vectors are missing or stale, CatalogueError if there is no catalogue.
        """
        engine = self.engine
        index, ranker = self._index(engine, query.backbone), self._ranker(engine, ranking, query.backbone)
        started = perf_counter()
        compared = engine.compared(allowed_ids, excluded_id)
        by_cosine = cache(lambda: index.top(query.vector, top, allowed=compared))  # reads every vector
        order = ranker.order(query, by_cosine, allowed=compared)
        places = {row: place for place, row in enumerate(order.rows.tolist())}
        same = [row for row in engine.rows_of_gtins(gtins) if compared is None or compared[row]]
        same.sort(key=lambda row: places.get(row, len(places)))
        rows = order.rows if len(order.rows) >= top else _completed(order.rows, by_cosine().rows)
        rows = _completed(np.array(same, np.int64), rows)[:top]
        similarities = index.similarities(query.vector, rows)
        verified = [order.verified(places.get(row, len(places)) + 1) for row in rows.tolist()]
        matches = tuple(
            Match(
                rank,
                product := engine.catalogue.products[row],
                float(similarity),
                agreement,
                # A product with another barcode is another product, however much of the print agrees.
                is_confirmed=is_confirmed and (row in same or not (same or (gtins and product.gtin))),
                has_own_picture=bool(engine.gallery.own_picture[row]),
                has_same_barcode=row in same,
            )
            for rank, (row, similarity, (agreement, is_confirmed)) in enumerate(
                zip(rows, similarities, verified, strict=True), start=1
            )
        )
        return SearchResult(
            query.backbone,
            ranking,
            matches,
            num_products=len(index) if compared is None else int(compared.sum()),
            encode_ms=query.ms_for(ranking),
            search_ms=_milliseconds_since(started),
            order=order,
            missed_barcode=gtins[0] if gtins and not same and engine.has_gtins else "",
        )

    def explain(self, query: Query, product: Product, *, photo_size: Size, packshot_size: Size) -> Explanation:
        """Say where a photo, encoded for a ranking that can explain, and a product's packshot agree.

        The sizes are those of the photo's framed part and of the trimmed packshot. Raises as `search` does, and
        UnknownProductError for a product that is no longer in the catalogue.
        """
        engine = self.engine
        row = engine.row_of(product.product_id)
        if row is None:
            raise UnknownProductError(f"Expected a product of the catalogue, got {product.product_id}.")
        able = (one for one in RANKINGS.values() if one.can_explain and one.name in query.described)
        ranker = self._ranker(engine, next(able, COSINE), query.backbone)
        return ranker.explain(query, row, photo_size=photo_size, packshot_size=packshot_size)

    def likeness(self, backbone: Backbone) -> LikenessScale:
        """The meaning of `backbone`'s cosines in this catalogue. Raises as `search` does."""
        return self._index(self.engine, backbone).likeness

    def recalls(self, backbone: Backbone) -> dict[str, float]:
        """The recall of each kind of indexed data; empty if everything is searched exhaustively."""
        own = self.gallery.parts[0]
        return recalls_of(own.cache, backbone, own.catalogue, self.networks.identity(backbone))

    def rank_all(self, query: Query, order: Order = NOTHING_ORDERED) -> NDArray[np.int64]:
        """Every product's row in the catalogue, most similar first: (num_products,). Raises as `search` does.

        With the `order` of a search result, its rows come first, and the rest by cosine.
        """
        index = self._index(self.engine, query.backbone)
        return _completed(order.rows, index.top(query.vector, max(1, len(index))).rows)

    def load(self, backbone: Backbone) -> None:
        """Read everything that a search with the backbone needs, ahead of the first. Raises as `search` does."""
        self.networks.encoder(backbone)
        _ = self.likeness(backbone)
        self.rankings(backbone)

    def _index(self, engine: SearchEngine, backbone: Backbone) -> VectorIndex:
        return engine.read(STORED_VECTORS, backbone, self.networks.identity(backbone))

    def _kept_vector(self, product_id: str, backbone: Backbone) -> NDArray[np.float32] | None:
        """The vector of a product's picture, (dim,); None if there is none."""
        engine = self.engine
        row = engine.row_of(product_id)
        with suppress(VectorsError):  # the search will report it
            return None if row is None else self._index(engine, backbone).vector(row)
        return None

    def _ranker(self, engine: SearchEngine, ranking: Ranking, backbone: Backbone) -> Ranker:
        return engine.read(ranking.stored, backbone, self.networks.identity(backbone))

    def _status(self, engine: SearchEngine, backbone: Backbone) -> BackboneStatus:
        weights = self.networks.weights.state(backbone)
        failure: KalcareError | None
        try:
            failure = engine.vectors_problem(backbone, self.networks.identity(backbone))
        except WeightsError as error:
            failure = error
        return BackboneStatus(backbone, weights, is_ready=failure is None, failure=failure)


def is_searchable(recommender: Recommender) -> bool:
    """Whether a search with some backbone would work; reads its vectors if no search has done so yet."""
    try:
        return any(recommender.search_problem(one.backbone) is None for one in recommender.statuses() if one.is_ready)
    except (KalcareError, OSError):
        return False


def _completed(first: NDArray[np.int64], rest: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first rows, followed by the others that are not among them."""
    return np.concatenate([first, rest[~np.isin(rest, first)]])


def _milliseconds_since(started: float) -> float:
    return (perf_counter() - started) * 1000


def result_json(result: SearchResult) -> dict[str, Any]:
    """The result as the JSON object printed by `search --json`."""
    return {
        "backbone": result.backbone.name,
        "ranking": result.ranking.name,
        "encode_ms": result.encode_ms,
        "search_ms": result.search_ms,
        "matches": [
            {
                "rank": match.rank,
                "product_id": match.product.product_id,
                "name": match.product.name,
                "similarity": match.similarity,
            }
            for match in result.matches
        ],
    }
