"""No match: how well photos of products outside the gallery are distinguished from photos of products in it.

Three protocols, all on labelled photos. *Missing product*: each photo is searched with its own product in the gallery,
and with that product removed. *Other aisle*: the gallery is what one group of photos shows; photos of the other groups
show nothing in it. *Another shop*: each photo is searched in its own shop, and in one that sells nothing of the kind.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import PhotoError
from embeddings.models.backbones import Backbone
from recsys.errors import EvaluationError
from recsys.evaluation.labelled_photos import LabelledPhoto
from recsys.evaluation.runs import SkippedPhoto, none_fits, photo_of
from recsys.search.ranking import Query, Ranking
from recsys.search.rankings import RANKINGS
from recsys.search.recommender import Recommender, SearchResult

Protocol = Literal["missing product", "other aisle", "another shop"]
_Key = tuple[Protocol, str, str, bool]  # protocol, ranking, group, whether the photo's product is there
_RESAMPLES = 1000


class Curve(NamedTuple):
    """A ROC curve: the shares of photos called a match, (k,), without and with one, by threshold.

    Fawcett 2006, doi:10.1016/j.patrec.2005.10.010.
    """

    false_positive: NDArray[np.float64]
    true_positive: NDArray[np.float64]
    thresholds: NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """The evidence of each photo's best match, (n,), and how many were called good; None if none are judged."""

    evidence: NDArray[np.float64]
    num_good: int | None


@dataclass(frozen=True)
class Separation:
    """One protocol on one group's gallery by one ranking: photos of products `there`, and of `missing` ones."""

    protocol: Protocol
    ranking: str
    group: str
    there: Side
    missing: Side

    @property
    def auroc(self) -> float:
        """How often a photo of a product that is there has more evidence than one of a missing one: 0.5 is chance."""
        return area(self.there.evidence, self.missing.evidence)

    @property
    def ci95(self) -> tuple[float, float]:
        """The 95% percentile bootstrap interval of `auroc`, over photos; seeded, so repeatable."""
        random = np.random.default_rng(0)
        there, missing = self.there.evidence, self.missing.evidence
        areas = []
        for _ in range(_RESAMPLES):
            rows = random.integers(len(there), size=len(there))
            others = rows if self.protocol != "other aisle" else random.integers(len(missing), size=len(missing))
            areas.append(area(there[rows], missing[others]))
        low, high = np.percentile(areas, [2.5, 97.5])
        return float(low), float(high)

    @cached_property
    def curve(self) -> Curve:
        """The ROC curve, from the strictest threshold to the most lenient."""
        return roc(self.there.evidence, self.missing.evidence)

    def true_positive_at(self, false_positive: float) -> float:
        """The share of photos with a match that are called one, if at most this share of those without is."""
        curve = self.curve
        return float(curve.true_positive[curve.false_positive <= false_positive].max())


@dataclass(frozen=True)
class NoMatchReport:
    """Every measured separation, and the photos that could not be used."""

    separations: tuple[Separation, ...]
    skipped: tuple[SkippedPhoto, ...]


def area(there: NDArray[np.float64], missing: NDArray[np.float64]) -> float:
    """The area under the ROC curve: the Mann-Whitney statistic as a share of all pairs; ties count half."""
    ordered = np.sort(missing)
    below, not_above = (np.searchsorted(ordered, there, side=side) for side in ("left", "right"))
    return float((below + not_above).sum()) / (2 * len(there) * len(missing))


def roc(there: NDArray[np.float64], missing: NDArray[np.float64]) -> Curve:
    """The ROC curve of two samples, at least one value each, with a point for each distinct value."""
    thresholds = np.concatenate([[np.inf], np.unique(np.concatenate([there, missing]))[::-1]])

    def shares(sample: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1 - np.searchsorted(np.sort(sample), thresholds, side="left") / len(sample)

    return Curve(shares(missing), shares(there), thresholds)


def measure_no_match(
    recommender: Recommender,
    queries: Sequence[LabelledPhoto],
    backbone: Backbone,
    rankings: Sequence[Ranking] = tuple(RANKINGS.values()),
    *,
    shop: Recommender | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> NoMatchReport:
    """Run the protocols on labelled photos: *other aisle* if there are several groups, *another shop* with `shop`.

    The evidence is that of each ranking's order. Raises EvaluationError if no query is left, and what
    `Recommender.encode` and `search` raise.
    """
    shown = _products_by_group(recommender, queries)
    found: dict[_Key, list[SearchResult]] = {}
    skipped = []
    for done, query in enumerate(queries, start=1):
        try:
            encoded = recommender.encode(photo_of(query, recommender.catalogue), backbone, rankings=rankings)
        except (PhotoError, EvaluationError) as error:
            skipped.append(SkippedPhoto(str(query.photo), str(error)))
        else:
            for ranking in rankings:
                for protocol, group, is_there, result in _searches(recommender, encoded, ranking, query, shown):
                    found.setdefault((protocol, ranking.name, group, is_there), []).append(result)
                if shop is not None:
                    for is_there, searched in ((True, recommender), (False, shop)):
                        key: _Key = ("another shop", ranking.name, query.group, is_there)
                        found.setdefault(key, []).append(searched.search(encoded, ranking=ranking))
        progress(done, len(queries))
    separations = _separations(found)
    if not separations:
        raise none_fits(skipped)
    return NoMatchReport(separations, tuple(skipped))


def no_match_json(report: NoMatchReport) -> dict[str, Any]:
    """The report as the JSON object printed by `no-match --json`, with the whole curves."""
    return {
        "results": [_separation_json(separation) for separation in report.separations],
        "skipped": [{"photo": photo.photo, "reason": photo.reason} for photo in report.skipped],
    }


def _products_by_group(recommender: Recommender, queries: Sequence[LabelledPhoto]) -> dict[str, frozenset[str]]:
    """The products in the catalogue that each group's photos show."""
    shown: dict[str, set[str]] = {}
    for query in queries:
        if query.product_id in recommender.catalogue.by_id:
            shown.setdefault(query.group, set()).add(query.product_id)
    return {group: frozenset(products) for group, products in shown.items()}


def _searches(
    recommender: Recommender, encoded: Query, ranking: Ranking, query: LabelledPhoto, shown: dict[str, frozenset[str]]
) -> Iterator[tuple[Protocol, str, bool, SearchResult]]:
    """Every search with a photo: protocol, group, whether its product is there, and the result."""
    yield "missing product", query.group, True, recommender.search(encoded, ranking=ranking)
    without = recommender.search(encoded, ranking=ranking, excluded_id=query.product_id)
    yield "missing product", query.group, False, without
    for group, products in shown.items() if len(shown) > 1 else ():
        is_there = query.product_id in products
        if is_there == (group == query.group):  # a product of several groups is missing from none of them
            yield "other aisle", group, is_there, recommender.search(encoded, ranking=ranking, allowed_ids=products)


def _separations(
    found: dict[_Key, list[SearchResult]],
) -> tuple[Separation, ...]:
    settings = dict.fromkeys(key[:3] for key in found)
    return tuple(
        Separation(*setting, _side(found[*setting, True]), _side(found[*setting, False]))
        for setting in sorted(settings)
        if (*setting, True) in found and (*setting, False) in found
    )


def _side(results: Sequence[SearchResult]) -> Side:
    good = [result.has_good_match for result in results if result.has_good_match is not None]
    evidence = np.array([result.order.evidence for result in results])
    return Side(evidence, sum(good) if len(good) == len(results) else None)


def _separation_json(separation: Separation) -> dict[str, Any]:
    curve = separation.curve
    return {
        "protocol": separation.protocol,
        "ranking": separation.ranking,
        "group": separation.group,
        "num_there": len(separation.there.evidence),
        "num_missing": len(separation.missing.evidence),
        "auroc": separation.auroc,
        "ci95": separation.ci95,
        "called_a_match": {"there": _share(separation.there), "missing": _share(separation.missing)},
        "roc": {
            "false_positive": curve.false_positive.tolist(),
            "true_positive": curve.true_positive.tolist(),
            "thresholds": [None, *curve.thresholds[1:].tolist()],  # the first threshold is above every value
        },
    }


def _share(side: Side) -> float | None:
    return None if side.num_good is None else side.num_good / len(side.evidence)
