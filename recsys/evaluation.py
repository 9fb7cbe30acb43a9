"""Retrieval quality over labelled query photos: hit@k, MRR and mAP, a group and a backbone at a time."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones import Backbone
from embeddings.errors import PhotoError
from embeddings.photos import read_photo
from recsys.catalogue.products import Catalogue
from recsys.errors import EvaluationError
from recsys.recommender import Ranking, Recommender

METRICS = ("hit@1", "hit@5", "mrr", "map")
REQUIRED_COLUMNS = ("photo", "product_id")
_RESAMPLES = 2000


@dataclass(frozen=True)
class LabelledPhoto:
    """A query photo and the product it shows; `group` is empty where the queries are not grouped."""

    photo: Path
    product_id: str
    group: str = ""


@dataclass(frozen=True)
class SkippedPhoto:
    """A query that could not be evaluated, and why."""

    photo: str
    reason: str


@dataclass(frozen=True)
class GroupQuality:
    """The mean of each metric over a group's queries, with its 95% bootstrap interval, all from 0 to 1."""

    num_queries: int
    means: dict[str, float]
    ci95: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Percentiles:
    """The median and the 95th percentile of a time, in milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Evaluation:
    """What one backbone and ranking achieve on a set of queries; `groups` begins with `all`."""

    backbone: str
    ranking: Ranking
    groups: dict[str, GroupQuality]
    encode_ms: Percentiles
    search_ms: Percentiles
    skipped: tuple[SkippedPhoto, ...]


@dataclass(frozen=True)
class _Outcome:
    group: str
    metrics: tuple[float, ...]  # in the order of METRICS
    encode_ms: float
    search_ms: float


def read_queries(path: Path) -> tuple[LabelledPhoto, ...]:
    """Read the labelled photos of a CSV with the columns photo, product_id and optionally group.

    Photo paths are relative to the CSV. Raises EvaluationError when the file is none, lacks a
    column, or holds no query.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
            missing = [column for column in REQUIRED_COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                found = ", ".join(rows.fieldnames or ()) or "none"
                raise EvaluationError(f"Expected the columns photo and product_id in {path}, found {found}.")
            queries = tuple(_labelled(row, path.parent) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"Expected a UTF-8 CSV of labelled photos at {path}, but: {error}.") from None
    if not queries:
        raise EvaluationError(f"Expected labelled photos in {path}, found none.")
    return queries


def _labelled(row: dict[str, str | None], folder: Path) -> LabelledPhoto:
    photo, product_id, group = ((row.get(column) or "").strip() for column in ("photo", "product_id", "group"))
    return LabelledPhoto(folder / photo, product_id, group)


def evaluate(
    recommender: Recommender,
    queries: Sequence[LabelledPhoto],
    backbone: Backbone,
    *,
    ranking: Ranking = "cosine",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Search with every query photo and measure where its product, and those of its category, come out.

    Photos that cannot be read and products that are not in the catalogue are skipped and reported.
    Raises EvaluationError when no query is left, and what `Recommender.search` raises.
    """
    catalogue = recommender.catalogue
    rows = {product.product_id: row for row, product in enumerate(catalogue.products)}
    categories = _category_numbers(catalogue)
    outcomes, skipped = [], []
    for done, query in enumerate(queries, start=1):
        try:
            if query.product_id not in rows:
                raise EvaluationError(f"product {query.product_id} is not in the catalogue")
            outcomes.append(_try_query(recommender, query, backbone, ranking, rows[query.product_id], categories))
        except (PhotoError, EvaluationError) as error:
            skipped.append(SkippedPhoto(str(query.photo), str(error)))
        progress(done, len(queries))
    if not outcomes:
        raise EvaluationError(
            f"Expected queries that fit the catalogue, but all {len(skipped)} were skipped; the first: "
            f"{skipped[0].photo}: {skipped[0].reason}"
        )
    return _summarise(backbone, ranking, outcomes, tuple(skipped))


def evaluation_json(evaluations: Sequence[Evaluation], num_products: int, num_distractors: int = 0) -> dict[str, Any]:
    """The evaluations as the JSON object that `evaluate --json` prints."""
    return {
        "num_products": num_products,
        "num_distractors": num_distractors,
        "results": [_result_json(evaluation) for evaluation in evaluations],
    }


def rank_metrics(ranking: NDArray[np.int64], target: int, relevant: NDArray[np.bool_]) -> tuple[float, ...]:
    """hit@1, hit@5, reciprocal rank of row `target`, and average precision over the rows in `relevant`.

    `ranking` is (n,), every row of the gallery once, best first; `relevant` is (n,), true for the
    rows that count for average precision (Manning, Raghavan and Schütze 2008, chapter 8.4).
    """
    rank = int(np.flatnonzero(ranking == target)[0]) + 1
    positions = np.flatnonzero(relevant[ranking]) + 1
    precision = np.arange(1, len(positions) + 1) / positions
    return float(rank <= 1), float(rank <= 5), 1 / rank, float(precision.mean())


def bootstrap_interval(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 95% percentile bootstrap interval of each column's mean: (n, m) -> (2, m); seeded, so repeatable."""
    random = np.random.default_rng(0)
    counts = random.multinomial(len(values), np.full(len(values), 1 / len(values)), size=_RESAMPLES)  # (r, n)
    return np.percentile(counts @ values / len(values), [2.5, 97.5], axis=0)


def _category_numbers(catalogue: Catalogue) -> NDArray[np.int64]:
    """One number a category; a product without category is a category of its own."""
    labels = [product.category or f"\0{product.product_id}" for product in catalogue.products]
    return np.unique(labels, return_inverse=True)[1]


def _try_query(
    recommender: Recommender,
    query: LabelledPhoto,
    backbone: Backbone,
    ranking: Ranking,
    target: int,
    categories: NDArray[np.int64],
) -> _Outcome:
    encoded = recommender.encode(read_photo(query.photo), backbone)
    result = recommender.search(encoded, ranking=ranking)
    order = recommender.rank_all(encoded, ranking=ranking)
    metrics = rank_metrics(order, target, categories == categories[target])
    return _Outcome(query.group, metrics, result.encode_ms, result.search_ms)


def _summarise(
    backbone: Backbone, ranking: Ranking, outcomes: list[_Outcome], skipped: tuple[SkippedPhoto, ...]
) -> Evaluation:
    groups = {"all": _quality(outcomes)}
    for group in dict.fromkeys(outcome.group for outcome in outcomes if outcome.group not in ("", "all")):
        groups[group] = _quality([outcome for outcome in outcomes if outcome.group == group])
    encode_ms = _percentiles([outcome.encode_ms for outcome in outcomes])
    search_ms = _percentiles([outcome.search_ms for outcome in outcomes])
    return Evaluation(backbone.name, ranking, groups, encode_ms, search_ms, skipped)


def _quality(outcomes: list[_Outcome]) -> GroupQuality:
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
