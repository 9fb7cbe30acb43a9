"""A run: what one backbone and ranking achieve on labelled photos, query by query and group by group."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import PhotoError
from embeddings.imaging.photos import RGB, read_photo
from embeddings.models.backbones import Backbone
from recsys.catalogue.products import Catalogue
from recsys.errors import EvaluationError
from recsys.evaluation.labelled_photos import LabelledPhoto
from recsys.evaluation.metrics import METRICS, average_precision, bootstrap_interval, metrics_of, rank_of
from recsys.search.ranking import Query, Ranking
from recsys.search.recommender import Recommender


@dataclass(frozen=True)
class SkippedPhoto:
    """A query that could not be evaluated, and why."""

    photo: str
    reason: str


@dataclass(frozen=True)
class Found:
    """A product found for a query, with its similarity."""

    product_id: str
    similarity: float


@dataclass(frozen=True)
class QueryOutcome:
    """A query's outcome: its product's rank from 1, its ranking's average precision, and the products shown first."""

    photo: str  # its name in the CSV
    product_id: str
    group: str
    rank: int
    average_precision: float
    found: tuple[Found, ...]
    encode_ms: float
    search_ms: float

    @property
    def metrics(self) -> tuple[float, ...]:
        """In the order of METRICS."""
        return metrics_of(self.rank, self.average_precision)


@dataclass(frozen=True)
class GroupQuality:
    """The mean of each metric over a group's queries, with its 95% bootstrap interval, all from 0 to 1."""

    num_queries: int
    means: dict[str, float]
    ci95: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Percentiles:
    """The median and the 95th percentile of a duration, in milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Evaluation:
    """What one backbone and ranking achieve on a set of queries; `groups` starts with `all`."""

    backbone: str
    ranking: str
    groups: dict[str, GroupQuality]
    encode_ms: Percentiles
    search_ms: Percentiles
    skipped: tuple[SkippedPhoto, ...]
    outcomes: tuple[QueryOutcome, ...] = ()

    @property
    def setting(self) -> str:
        """The backbone and the ranking, as the command line writes them."""
        return f"{self.backbone}:{self.ranking}"


def evaluate(
    recommender: Recommender,
    queries: Sequence[LabelledPhoto],
    backbone: Backbone,
    rankings: Sequence[Ranking],
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Evaluation, ...]:
    """Search with every query photo and find the ranks of its product and of others in the same category.

    Returns one evaluation per ranking; each photo is encoded once for all of them. Photos that cannot be read and
    products that are not in the catalogue are skipped and reported. Raises EvaluationError if no query is left, and
    what `Recommender.search` raises.
    """
    catalogue = recommender.catalogue
    rows = {product.product_id: row for row, product in enumerate(catalogue.products)}
    categories = _category_numbers(catalogue)
    outcomes: list[tuple[QueryOutcome, ...]] = []
    skipped: list[SkippedPhoto] = []
    for done, query in enumerate(queries, start=1):
        try:
            encoded = recommender.encode(photo_of(query, catalogue), backbone, rankings=rankings)
            outcomes.append(_outcomes(recommender, query, encoded, rankings, rows[query.product_id], categories))
        except (PhotoError, EvaluationError) as error:
            skipped.append(SkippedPhoto(str(query.photo), str(error)))
        progress(done, len(queries))
    if not outcomes:
        raise none_fits(skipped)
    return tuple(
        _summarise(backbone, ranking, of_ranking, skipped)
        for ranking, of_ranking in zip(rankings, zip(*outcomes, strict=True), strict=True)
    )


def evaluation_json(evaluations: Sequence[Evaluation], num_products: int, num_distractors: int = 0) -> dict[str, Any]:
    """The evaluations as the JSON object printed by `evaluate --json`."""
    return {
        "num_products": num_products,
        "num_distractors": num_distractors,
        "results": [_result_json(evaluation) for evaluation in evaluations],
    }


def photo_of(query: LabelledPhoto, catalogue: Catalogue) -> RGB:
    """Read a query's photo. Raises PhotoError, and EvaluationError if it cannot be searched for in the catalogue."""
    if query.fault:
        raise EvaluationError(query.fault)
    if query.product_id not in catalogue.by_id:
        raise EvaluationError(f"product {query.product_id} is not in the catalogue")
    return read_photo(query.photo)


def none_fits(skipped: Sequence[SkippedPhoto]) -> EvaluationError:
    """The error if all queries were skipped."""
    return EvaluationError(
        f"Expected queries that fit the catalogue, but all {len(skipped)} were skipped; the first: "
        f"{skipped[0].photo}: {skipped[0].reason}"
    )


def _category_numbers(catalogue: Catalogue) -> NDArray[np.int64]:
    """One number per category; a product without a category is a category of its own."""
    labels = [product.category or f"\0{product.product_id}" for product in catalogue.products]
    return np.unique(labels, return_inverse=True)[1]


def _outcomes(
    recommender: Recommender,
    query: LabelledPhoto,
    encoded: Query,
    rankings: Sequence[Ranking],
    target: int,
    categories: NDArray[np.int64],
) -> tuple[QueryOutcome, ...]:
    relevant = categories == categories[target]

    def outcome(ranking: Ranking) -> QueryOutcome:
        result = recommender.search(encoded, ranking=ranking)
        order = recommender.rank_all(encoded, result.order)
        return QueryOutcome(
            photo=query.name or str(query.photo),
            product_id=query.product_id,
            group=query.group,
            rank=rank_of(order, target),
            average_precision=average_precision(order, relevant),
            found=tuple(Found(match.product.product_id, match.similarity) for match in result.matches),
            encode_ms=result.encode_ms,
            search_ms=result.search_ms,
        )

    return tuple(outcome(ranking) for ranking in rankings)


def _summarise(
    backbone: Backbone, ranking: Ranking, outcomes: Sequence[QueryOutcome], skipped: Sequence[SkippedPhoto]
) -> Evaluation:
    groups = {"all": _quality(outcomes)}
    for group in group_names(outcomes):
        groups[group] = _quality([outcome for outcome in outcomes if outcome.group == group])
    encode_ms = _percentiles([outcome.encode_ms for outcome in outcomes])
    search_ms = _percentiles([outcome.search_ms for outcome in outcomes])
    return Evaluation(backbone.name, ranking.name, groups, encode_ms, search_ms, tuple(skipped), tuple(outcomes))


def group_names(outcomes: Sequence[QueryOutcome]) -> list[str]:
    """The groups besides `all`, in the queries' order."""
    return [group for group in dict.fromkeys(outcome.group for outcome in outcomes) if group not in ("", "all")]


def _quality(outcomes: Sequence[QueryOutcome]) -> GroupQuality:
    values = np.array([outcome.metrics for outcome in outcomes])  # (queries, metrics)
    low, high = bootstrap_interval(values)
    means = dict(zip(METRICS, values.mean(axis=0).tolist(), strict=True))
    intervals = dict(zip(METRICS, zip(low.tolist(), high.tolist(), strict=True), strict=True))
    return GroupQuality(len(outcomes), means, intervals)


def _percentiles(milliseconds: list[float]) -> Percentiles:
    p50, p95 = np.percentile(milliseconds, [50, 95]).tolist()
    return Percentiles(p50, p95)


def _result_json(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "backbone": evaluation.backbone,
        "ranking": evaluation.ranking,
        "groups": {
            name: {"num_queries": group.num_queries, **group.means, "ci95": group.ci95}
            for name, group in evaluation.groups.items()
        },
        "encode_ms": {"p50": evaluation.encode_ms.p50, "p95": evaluation.encode_ms.p95},
        "search_ms": {"p50": evaluation.search_ms.p50, "p95": evaluation.search_ms.p95},
        "skipped": [{"photo": photo.photo, "reason": photo.reason} for photo in evaluation.skipped],
    }
