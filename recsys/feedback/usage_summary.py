"""Usage figures: how much is searched, how fast, and how often the matches are right."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import NamedTuple, TypeVar

from sqlalchemy import Integer, cast, func, or_, select
from sqlalchemy.orm import Session

from recsys.feedback.feedback_tables import MatchRow, SearchRow
from recsys.feedback.sources import Source
from recsys.num_matches import NUM_MATCHES
from recsys.survey.summary import Share, per_day


class Method(NamedTuple):
    """How a search was made: by a backbone and a ranking, or by words, with neither."""

    backbone: str | None
    ranking: str | None


@dataclass(frozen=True)
class KeptSearch:
    """A search as stored; of its first NUM_MATCHES, how many were rated, and how many of those as similar."""

    day: date
    source: str
    method: Method
    milliseconds: float
    is_found: bool
    num_similar: int
    num_judged: int


@dataclass(frozen=True)
class Figures:
    """The figures of some searches.

    `found` is the share of searches with a match marked as the right one, without those for a product of the catalogue,
    which is left out of its own matches; `precision` the share of similar matches among the rated ones of the first
    NUM_MATCHES, in `num_judged_searches` searches.
    """

    num_searches: int
    median_ms: float | None
    found: Share
    precision: Share
    num_judged_searches: int


@dataclass(frozen=True)
class Usage:
    """The figures of all searches, by method and by source, most used first."""

    all: Figures
    by_method: dict[Method, Figures]
    by_source: dict[str, Figures]
    days: dict[date, int]


def read_searches(session: Session, since: date | None = None, until: date | None = None) -> list[KeptSearch]:
    """The searches from `since` to `until`, inclusive."""
    is_first = MatchRow.rank <= NUM_MATCHES
    counts = (
        select(
            MatchRow.search,
            func.max(cast(MatchRow.is_it, Integer)).label("found"),
            func.count().filter(is_first, MatchRow.is_similar.is_(True)).label("similar"),
            func.count(MatchRow.is_similar).filter(is_first).label("judged"),
        )
        .where(or_(MatchRow.is_it, MatchRow.is_similar.is_not(None)))
        .group_by(MatchRow.search)
        .subquery()
    )
    query = select(
        SearchRow.day,
        SearchRow.source,
        SearchRow.backbone,
        SearchRow.ranking,
        func.coalesce(SearchRow.encode_ms, 0) + SearchRow.search_ms,
        *(func.coalesce(counts.c[name], 0) for name in ("found", "similar", "judged")),
    ).outerjoin(counts, counts.c.search == SearchRow.key)  # most matches have no rating
    if since is not None:
        query = query.where(SearchRow.day >= since)
    if until is not None:
        query = query.where(SearchRow.day <= until)
    return [
        KeptSearch(day, source, Method(backbone, ranking), milliseconds, bool(found), similar, judged)
        for day, source, backbone, ranking, milliseconds, found, similar, judged in session.execute(query)
    ]


def summarise_usage(searches: Sequence[KeptSearch]) -> Usage:
    """Count the searches."""
    return Usage(
        _figures(searches),
        _figures_by(searches, lambda search: search.method),
        _figures_by(searches, lambda search: search.source),
        per_day(search.day for search in searches),
    )


_Key = TypeVar("_Key", bound=Hashable)


def _figures_by(searches: Iterable[KeptSearch], key: Callable[[KeptSearch], _Key]) -> dict[_Key, Figures]:
    groups: dict[_Key, list[KeptSearch]] = defaultdict(list)
    for search in searches:
        groups[key(search)].append(search)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), str(group[0])))
    return {name: _figures(group) for name, group in ordered}


def _figures(searches: Sequence[KeptSearch]) -> Figures:
    findable = [search.is_found for search in searches if search.source != Source.PRODUCT]
    return Figures(
        num_searches=len(searches),
        median_ms=median(search.milliseconds for search in searches) if searches else None,
        found=Share(sum(findable), len(findable)),
        precision=Share(sum(search.num_similar for search in searches), sum(search.num_judged for search in searches)),
        num_judged_searches=sum(search.num_judged > 0 for search in searches),
    )
