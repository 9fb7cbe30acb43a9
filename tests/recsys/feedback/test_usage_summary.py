import random
import statistics
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import URL
from statsmodels.stats.proportion import proportion_confint

from recsys.database.database import Database, open_database
from recsys.feedback.recording import Mark, Search, mark_match, record_search
from recsys.feedback.usage_summary import Figures, Method, Usage, read_searches, summarise_usage
from recsys.num_matches import NUM_MATCHES
from recsys.survey.summary import Share
from tests.recsys.feedback.searches import FIVE, searched

FIRST = date(2026, 11, 1)
SOURCES = ("upload", "camera", "paste", "sample", "product")
METHODS = (Method("ResNet50", "cosine"), Method("ResNet50", "refined"), Method("EfficientNetLite0", "cosine"))


def usage(database: Database, since: date | None = None, until: date | None = None) -> Usage:
    with database.reading() as session:
        return summarise_usage(read_searches(session, since, until))


Made = list[tuple[Search, dict[int, Mark]]]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, Made]:
    """80 searches on ten days with ratings of their matches: as stored, and as made."""
    database = open_database(URL.create("sqlite", database=str(tmp_path_factory.mktemp("many") / "records.db")))
    chance, made = random.Random(5), []
    for _ in range(80):
        method = chance.choice(METHODS)
        search = searched(
            day=FIRST + timedelta(chance.choice((0, 1, 2, 4, 5, 6, 7, 8, 9))),
            source=chance.choice(SOURCES),
            backbone=method.backbone,
            ranking=method.ranking,
            encode_ms=round(chance.uniform(5, 90), 2),
            search_ms=round(chance.uniform(1, 9), 2),
        )
        record_search(database, search, None)
        marks = {}
        for rank in chance.sample(range(1, 6), chance.choice((0, 0, 1, 3, 5))):
            marks[rank] = Mark(chance.random() < 0.2, chance.choice((True, False, None)))
            mark_match(database, search, rank, Mark(), marks[rank])
        made.append((search, marks))
    return database, made


def counted(made: Made) -> tuple[int, float, tuple[int, int], tuple[int, int], int]:
    """The figures, counted naively."""
    found, findable, similar, judged, judged_searches = 0, 0, 0, 0, 0
    for search, marks in made:
        said = [mark.is_similar for mark in marks.values() if mark.is_similar is not None]
        findable += search.source != "product"
        found += search.source != "product" and any(mark.is_it for mark in marks.values())
        similar, judged, judged_searches = similar + sum(said), judged + len(said), judged_searches + bool(said)
    median = statistics.median(search.encode_ms + search.search_ms for search, _ in made)
    return len(made), median, (found, findable), (similar, judged), judged_searches


def told(figures: Figures) -> tuple[int, object, tuple[int, int], tuple[int, int], int]:
    found, precision = figures.found, figures.precision
    return (
        figures.num_searches,
        pytest.approx(figures.median_ms),
        (found.count, found.total),
        (precision.count, precision.total),
        figures.num_judged_searches,
    )


def test_the_figures_are_those_of_a_count_by_hand(many: tuple[Database, Made]) -> None:
    database, made = many
    result = usage(database)
    assert counted(made) == told(result.all)
    assert 0 < result.all.found.count < result.all.precision.total
    assert set(result.by_method) == set(METHODS)
    for method, figures in result.by_method.items():
        assert counted([one for one in made if (one[0].backbone, one[0].ranking) == method]) == told(figures)
    assert set(result.by_source) == set(SOURCES)
    for source, figures in result.by_source.items():
        assert counted([one for one in made if one[0].source == source]) == told(figures)


def test_every_day_is_counted_from_the_first_to_the_last_and_a_day_without_searches_is_none(
    many: tuple[Database, Made],
) -> None:
    database, made = many
    counts = Counter(search.day for search, _ in made)
    days = usage(database).days
    assert days == {FIRST + timedelta(number): counts[FIRST + timedelta(number)] for number in range(10)}
    assert days[FIRST + timedelta(3)] == 0


def test_the_period_includes_its_first_and_last_day(many: tuple[Database, Made]) -> None:
    database, made = many
    since, until = FIRST + timedelta(2), FIRST + timedelta(6)
    result = usage(database, since, until)
    assert counted([one for one in made if since <= one[0].day <= until]) == told(result.all)
    assert (min(result.days), max(result.days)) == (since, until)
    assert (
        usage(database, since=until).all.num_searches + usage(database, until=until - timedelta(1)).all.num_searches
        == 80
    )


def test_the_intervals_are_those_of_statsmodels(many: tuple[Database, Made]) -> None:
    database = many[0]
    for figures in [usage(database).all, *usage(database).by_method.values()]:
        for share in (figures.found, figures.precision):
            assert share.interval == pytest.approx(proportion_confint(share.count, share.total, method="wilson"))


def test_the_most_used_comes_first(database: Database) -> None:
    for backbone, count in (("VGG16", 2), ("ResNet50", 5), ("Xception", 3)):
        for _ in range(count):
            record_search(database, searched(backbone=backbone), None)
    assert [method.backbone for method in usage(database).by_method] == ["ResNet50", "Xception", "VGG16"]


def test_only_matches_that_a_search_shows_count_for_precision(database: Database) -> None:
    search = searched(product_ids=tuple(f"P-{rank}" for rank in range(1, NUM_MATCHES + 3)))
    for rank in (NUM_MATCHES, NUM_MATCHES + 1):
        mark_match(database, search, rank, Mark(), Mark(is_it=rank > NUM_MATCHES, is_similar=rank > NUM_MATCHES))
    assert usage(database).all.precision == Share(0, 1)
    assert usage(database).all.found == Share(1, 1)


def test_words_are_a_separate_method_timed_by_the_search(database: Database) -> None:
    record_search(database, Search(FIRST, "text", FIVE, 3.5), None)
    (figures,) = usage(database).by_method.values()
    assert list(usage(database).by_method) == [Method(None, None)]
    assert figures.median_ms == 3.5


def test_without_searches_there_are_no_figures(database: Database) -> None:
    result = usage(database)
    assert told(result.all)[0] == 0
    assert result.all.median_ms is None
    assert result.all.found.value is None
    assert (result.by_method, result.by_source, result.days) == ({}, {}, {})
