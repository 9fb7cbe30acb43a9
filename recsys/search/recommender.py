"""Photo to matches: the one road that the pages and the command line share."""

import threading
from collections.abc import Container
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import KalcareError, NetworkError, VectorsError, WeightsError
from embeddings.features.describing import PhotoDescription, describe_photo
from embeddings.imaging.framing import FRAMED, middle
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import BACKBONES, BUNDLED_CHOICE, STUDY_CHOICE, Backbone, backbone_named
from embeddings.models.compiled import NetworkIdentity
from embeddings.models.runtime import Networks, check_patches
from embeddings.models.weights import WeightsState
from recsys.catalogue.products import Catalogue, Product
from recsys.errors import CatalogueError
from recsys.search.gallery import (
    FileVersion,
    Gallery,
    gallery_descriptions,
    gallery_vectors,
    gallery_version,
    load_gallery,
)
from recsys.search.index import CosineIndex
from recsys.search.likeness import LikenessScale
from recsys.search.networks import networks_of
from recsys.search.refined.calibration import CalibratedIndex, kept_calibration
from recsys.search.refined.explanation import Explanation, Size
from recsys.search.refined.geometry import NOTHING_AGREES, Agreement
from recsys.search.refined.ranking import NOTHING_ORDERED, RefinedIndex, RefinedOrder
from recsys.search.text_search import TextSearch
from recsys.settings import Settings

Ranking = Literal["cosine", "refined"]


@dataclass(frozen=True)
class Match:
    """A product found: its rank from 1, and the cosine similarity of its picture to the photo.

    With the refined ranking, `agreement` says where the print on both agrees, and `is_confirmed` whether so much
    of it does that both show the same product.
    """

    rank: int
    product: Product
    similarity: float
    agreement: Agreement = NOTHING_AGREES
    is_confirmed: bool = False


@dataclass(frozen=True)
class Query:
    """An encoded photo: a unit vector (dim,) and the milliseconds that encoding it took.

    `description` is what the refined ranking needs besides, where that was asked for, and
    `describe_ms` what it took.
    """

    backbone: Backbone
    vector: NDArray[np.float32]
    encode_ms: float
    description: PhotoDescription | None = None
    describe_ms: float = 0.0

    def ms_for(self, ranking: Ranking) -> float:
        """What encoding took of what the ranking needs."""
        return self.encode_ms + (self.describe_ms if ranking == "refined" else 0.0)


@dataclass(frozen=True)
class SearchResult:
    """The products most alike, best first, out of `num_products` that were compared.

    `has_good_match` says whether the best is likely to be what the photo shows, or at least of its kind; None
    where that is not known, as with the study's cosine. `order` is the refined ranking's, which is empty then.
    """

    backbone: Backbone
    ranking: Ranking
    matches: tuple[Match, ...]
    num_products: int
    encode_ms: float
    search_ms: float
    has_good_match: bool | None = None
    order: RefinedOrder = NOTHING_ORDERED


@dataclass(frozen=True)
class BackboneStatus:
    """Whether a backbone can be searched with, and if not, what is wrong."""

    backbone: Backbone
    weights: WeightsState
    is_ready: bool
    failure: KalcareError | None = None

    @property
    def reason(self) -> str:
        """What is wrong, in one line in English; empty where nothing is."""
        return str(self.failure or "")


class Recommender:
    """Search over the catalogue of one data home. Safe to share between threads.

    The catalogue and its vectors are read when first needed, and again when their files change.
    """

    def __init__(
        self, settings: Settings, networks: Networks | None = None, *, distractors: Path | None = None
    ) -> None:
        """Search in the home of `settings`; and, with `distractors`, among another home's products as well.

        Photos are encoded by `networks`; None means those of the home.
        """
        self._settings = settings
        self._caches = [settings.cache]
        if distractors is not None:
            if distractors.resolve() == settings.home.resolve():
                raise CatalogueError(
                    f"Expected another data home as distractors, got {distractors}, which is this one."
                )
            self._caches.append(Settings(home=distractors).cache)
        self._lock = threading.RLock()
        self._gallery: tuple[tuple[FileVersion, ...], Gallery] | None = None
        self._indexes: dict[str, tuple[tuple[NetworkIdentity, tuple[FileVersion, ...]], CosineIndex]] = {}
        self._refined_indexes: dict[str, tuple[tuple[NetworkIdentity, tuple[FileVersion, ...]], CalibratedIndex]] = {}
        self._texts: tuple[Catalogue, TextSearch] | None = None
        self.networks = networks or networks_of(settings)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue as it is on disk now. Raises CatalogueError where there is none."""
        return self.gallery.catalogue

    @property
    def text_search(self) -> TextSearch:
        """The search by words in the catalogue as it is now. Raises CatalogueError where there is none."""
        catalogue = self.catalogue
        with self._lock:
            if self._texts is None or self._texts[0] is not catalogue:
                self._texts = (catalogue, TextSearch(catalogue.products))
            return self._texts[1]

    @property
    def gallery(self) -> Gallery:
        """The catalogue with any distractors, as they are on disk now. Raises CatalogueError where there is none."""
        stamp = gallery_version(self._caches)
        with self._lock:
            if self._gallery is None or self._gallery[0] != stamp:
                self._gallery = (stamp, load_gallery(self._caches))
            return self._gallery[1]

    def statuses(self) -> list[BackboneStatus]:
        """Every backbone of the registry with its state. Raises CatalogueError where there is no catalogue."""
        return [self._status(backbone) for backbone in BACKBONES.values()]

    def default_backbone(self) -> Backbone:
        """The backbone that is used where none is named: the setting's, else the study's if ready, else the bundled.

        Raises UnknownBackboneError when the setting names none, CatalogueError where there is no catalogue.
        """
        if self._settings.default_backbone:
            return backbone_named(self._settings.default_backbone)
        return STUDY_CHOICE if self._status(STUDY_CHOICE).is_ready else BUNDLED_CHOICE

    def encode(
        self, photo: RGB, backbone: Backbone, *, ranking: Ranking = "cosine", framed: RGB | None = None
    ) -> Query:
        """Encode a photo (height, width, 3); for the refined ranking, also describe what is `framed` of it.

        Where nothing is framed, that is its middle. Raises WeightsError or NetworkError, the latter also when
        the refined ranking is asked for of a backbone without patches.
        """
        encoder = self.networks.encoder(backbone)
        started = perf_counter()
        vector = encoder.encode([encoder.prepare(photo)])[0]
        query = Query(backbone, vector, _milliseconds_since(started))
        if ranking == "cosine":
            return query
        started = perf_counter()
        description = describe_photo(middle(photo, FRAMED) if framed is None else framed, encoder)
        return replace(query, description=description, describe_ms=_milliseconds_since(started))

    def search(
        self,
        query: Query,
        *,
        top: int = 5,
        ranking: Ranking = "cosine",
        excluded_id: str | None = None,
        allowed_ids: Container[str] | None = None,
    ) -> SearchResult:
        """Find the `top` products most alike, without the one whose id is `excluded_id`.

        With `allowed_ids` only products with these ids are compared. Raises VectorsError when the catalogue's
        vectors are missing or stale, CatalogueError where there is no catalogue.
        """
        catalogue, index = self._searchable(query.backbone)
        refined = self._refined(query.backbone) if ranking == "refined" else None
        started = perf_counter()
        compared = _compared(catalogue, allowed_ids, excluded_id)
        rows = index.top(query.vector, top, allowed=compared).rows
        order, is_good = NOTHING_ORDERED, None
        if refined is not None:
            description = _description_of(query)
            order = refined.index.order(description, allowed=compared)
            is_good = refined.is_good(description, order)
            rows = np.concatenate([order.rows, rows[~np.isin(rows, order.rows)]])[:top]
        similarities = index.similarities(query.vector, rows)
        matches = tuple(
            Match(rank, catalogue.products[row], float(similarity), *order.verified(rank))
            for rank, (row, similarity) in enumerate(zip(rows, similarities, strict=True), start=1)
        )
        num_products = len(index) if compared is None else int(compared.sum())
        return SearchResult(
            query.backbone,
            ranking,
            matches,
            num_products,
            query.ms_for(ranking),
            _milliseconds_since(started),
            is_good if matches else None,
            order,
        )

    def explain(self, query: Query, product: Product, *, photo_size: Size, packshot_size: Size) -> Explanation:
        """Say where a photo that was encoded for the refined ranking and a product's packshot agree.

        The sizes are those of what was framed of the photo, and of the trimmed packshot. Raises as `search` does.
        """
        refined, row = self._refined(query.backbone), self.catalogue.products.index(product)
        return refined.index.explain(_description_of(query), row, photo_size=photo_size, packshot_size=packshot_size)

    def likeness(self, backbone: Backbone) -> LikenessScale:
        """What cosines by `backbone` mean in this catalogue. Raises as `search` does."""
        return self._searchable(backbone)[1].likeness

    def rank_all(self, query: Query, order: RefinedOrder = NOTHING_ORDERED) -> NDArray[np.int64]:
        """Every product's row in the catalogue, most alike first: (num_products,). Raises as `search` does.

        With the `order` of a search's result, its candidates come first, and the rest as by cosine.
        """
        _, index = self._searchable(query.backbone)
        rows = index.top(query.vector, max(1, len(index))).rows
        return np.concatenate([order.rows, rows[~np.isin(rows, order.rows)]])

    def refined_unavailable_reason(self, backbone: Backbone) -> KalcareError | None:
        """What keeps the refined ranking from being had with a backbone that is ready; None where nothing does."""
        try:
            self._refined(backbone)
        except (NetworkError, VectorsError) as error:
            return error
        return None

    def _refined(self, backbone: Backbone) -> CalibratedIndex:
        """The catalogue's descriptions by `backbone`. Raises NetworkError, VectorsError or WeightsError."""
        check_patches(backbone)
        identity = self.networks.identity(backbone)
        with self._lock:
            stamp = (identity, gallery_version(self._caches, backbone))
            known = self._refined_indexes.get(backbone.name)
            if known is None or known[0] != stamp:
                index = RefinedIndex(gallery_descriptions(self.gallery, backbone, identity))
                calibration = kept_calibration(self._settings.cache, backbone, self.gallery.own)
                self._refined_indexes[backbone.name] = known = (stamp, CalibratedIndex(index, calibration))
            return known[1]

    def _searchable(self, backbone: Backbone) -> tuple[Catalogue, CosineIndex]:
        """The catalogue and its index by `backbone`, which belong together."""
        identity = self.networks.identity(backbone)
        with self._lock:
            gallery = self.gallery
            stamp = (identity, gallery_version(self._caches, backbone))
            known = self._indexes.get(backbone.name)
            if known is None or known[0] != stamp:
                index = CosineIndex(gallery_vectors(gallery, backbone, identity))
                self._indexes[backbone.name] = known = (stamp, index)
            return gallery.catalogue, known[1]

    def _status(self, backbone: Backbone) -> BackboneStatus:
        weights = self.networks.weights.state(backbone)
        _ = self.catalogue
        try:
            self._searchable(backbone)
        except (WeightsError, VectorsError) as error:
            return BackboneStatus(backbone, weights, is_ready=False, failure=error)
        return BackboneStatus(backbone, weights, is_ready=True)


def _compared(
    catalogue: Catalogue, allowed_ids: Container[str] | None, excluded_id: str | None
) -> NDArray[np.bool_] | None:
    """Which rows are compared, (n,); None where all are."""
    if allowed_ids is None and excluded_id is None:
        return None
    ids = (product.product_id for product in catalogue.products)
    return np.fromiter(((allowed_ids is None or one in allowed_ids) and one != excluded_id for one in ids), np.bool_)


def _description_of(query: Query) -> PhotoDescription:
    if query.description is None:
        name = query.backbone.name
        raise VectorsError(f"Expected a photo described by {name}, got one that is only encoded: encode it again.")
    return query.description


def _milliseconds_since(started: float) -> float:
    return (perf_counter() - started) * 1000


def result_json(result: SearchResult) -> dict[str, Any]:
    """The result as the JSON object that `search --json` prints."""
    return {
        "backbone": result.backbone.name,
        "ranking": result.ranking,
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
