import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from scipy.stats import binomtest

from recsys.database.database import Database
from recsys.feedback.recording import Mark, Search, mark_match, record_search
from recsys.num_matches import NUM_MATCHES
from recsys.settings import Settings
from recsys.ui.shell.stakeholders import _wrong_tries
from tests.recsys.feedback.searches import searched

TODAY = date.today()


@pytest.fixture
def stakeholders(visit: Callable) -> Callable:
    """Open the page."""
    return partial(visit, page="usage")


def keep(database: Database, search: Search, *said: tuple[int, bool, bool | None]) -> None:
    """Save a search, with the rank and rating of each rated match."""
    record_search(database, search, None)
    for rank, is_it, is_similar in said:
        mark_match(database, search, rank, Mark(), Mark(is_it, is_similar))


def table(page, caption: str) -> list[list[str]]:
    """The rows of the table with this caption, with the text of their cells."""
    (rows,) = re.findall(rf"<caption>{re.escape(caption)}</caption>.*?<tbody>(.*?)</tbody>", page.html, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows.split("</tr>")[:-1]]


def figures(page) -> list[tuple[str, str, str]]:
    found = re.findall(
        r'<dt>(.*?)</dt>\s*<dd><strong>(.*?)</strong> <span class="kc-detail">(.*?)</span>', page.html, re.DOTALL
    )
    return [tuple(figure) for figure in found]


def charts(page) -> list[str]:
    """Each chart's description, for people who cannot see it."""
    return [chart.proto.alt for chart in page.app.get("vega_lite_chart")]


def interval(count: int, total: int) -> str:
    """The interval according to scipy."""
    low, high = binomtest(count, total).proportion_ci(method="wilson")
    return f"{100 * low:.1f}% to {100 * high:.1f}%"


@pytest.fixture
def used(database: Database) -> None:
    """Four searches by ResNet50 and two by VGG16, on two days; 31 of 35 rated matches are ResNet50's."""
    for number in range(4):
        times = {"encode_ms": 10.0 + number, "search_ms": 2.0}
        search = searched(day=TODAY, source="camera", product_ids=tuple(f"P-{rank}" for rank in range(1, 9)), **times)
        keep(database, search, *((rank, number == 0 and rank == 1, rank <= 3) for rank in range(1, 6)))
    other = searched(day=TODAY - timedelta(2), backbone="VGG16", source="sample", encode_ms=60.0)
    keep(database, other, (1, True, False), (2, True, None), (3, False, True))
    keep(database, searched(day=TODAY - timedelta(2), backbone="VGG16", source="sample", encode_ms=50.0))


@pytest.mark.usefixtures("used")
def test_the_figures_are_those_of_a_count_by_hand(stakeholders: Callable) -> None:
    page = stakeholders()
    names, values, details = zip(*figures(page), strict=True)
    assert names == (
        "Searches",
        "Median search time",
        "Searches with “This is it”",
        "Rated matches that are similar",
    )
    assert values == ("6", "14 ms", "33.3%", "59.1%")  # (14 + 15) / 2 ms is written as 14; 2 of 6; 13 of 22
    assert details[2:] == (
        f"of 6 (few); 95% interval {interval(2, 6)}",
        f"of 22 (few); 95% interval {interval(13, 22)}",
    )


@pytest.mark.usefixtures("used")
def test_every_chart_has_its_figures_in_a_table(stakeholders: Callable) -> None:
    page = stakeholders()
    assert len(charts(page)) == page.html.count("<table>") - 1 == 6  # found by backbone, and by source as a table only
    assert table(page, "Searches by backbone: the figures of the chart") == [
        ["ResNet50", "4", "66.7%"],
        ["VGG16", "2", "33.3%"],
    ]
    assert table(page, "Search time: the figures of the chart") == [
        ["ResNet50", "14 ms", "4"],
        ["VGG16", "57 ms", "2"],
    ]
    assert table(page, "Searches by source: the figures of the chart") == [
        ["Camera", "4", "66.7%"],
        ["Sample photo", "2", "33.3%"],
    ]
    assert table(page, "“This is it” by backbone") == [
        ["ResNet50", "4 (few)", "1 (25.0%)", interval(1, 4)],
        ["VGG16", "2 (few)", "1 (50.0%)", interval(1, 2)],
    ]
    assert table(page, "“This is it” by source")[1] == [
        "Sample photo",
        "2 (few)",
        "1 (50.0%)",
        interval(1, 2),
    ]
    assert [row[1] for row in table(page, "Searches per day: the figures of the chart")] == ["2", "4"]


def test_a_search_for_more_like_a_product_is_neither_successful_nor_not(
    stakeholders: Callable, database: Database
) -> None:
    keep(database, searched(day=TODAY, source="product"), (1, False, True))
    page = stakeholders()
    assert "Successful searches" not in [header.value for header in page.app.header]
    keep(database, searched(day=TODAY, source="upload"), (1, True, True))
    page = stakeholders()
    assert table(page, "“This is it” by source") == [["File", "1 (few)", "1 (100.0%)", interval(1, 1)]]
    assert table(page, "Searches by source: the figures of the chart") == [
        ["Product of the catalogue", "1", "50.0%"],
        ["File", "1", "50.0%"],
    ]


@pytest.mark.usefixtures("used")
def test_precision_is_shown_by_backbone_with_its_interval_and_count(stakeholders: Callable) -> None:
    page = stakeholders()
    assert table(page, f"Rated similar, among the first {NUM_MATCHES}: the figures of the chart") == [
        ["ResNet50", "20 (few)", "12 (60.0%)", interval(12, 20)],
        ["VGG16", "2 (few)", "1 (50.0%)", interval(1, 2)],
    ]
    assert f"Precision@{NUM_MATCHES}, based on 5 searches with ratings." in page.text
    assert page.text.count("Hollow marks: fewer than 30") == 2


def test_rankings_are_named_if_there_are_several(stakeholders: Callable, database: Database) -> None:
    for ranking in ("cosine", "refined"):
        keep(database, searched(day=TODAY, ranking=ranking), (1, False, True))
    keep(database, Search(TODAY, "text", ("P-1",), 2.0), (1, False, False))
    rows = table(stakeholders(), f"Rated similar, among the first {NUM_MATCHES}: the figures of the chart")
    assert {(row[0], row[2]) for row in rows} == {
        ("ResNet50, As in the study", "1 (100.0%)"),
        ("ResNet50, Closer look", "1 (100.0%)"),
        ("Search by words", "0 (0.0%)"),
    }


@pytest.mark.usefixtures("used")
def test_a_chart_is_described_for_people_who_cannot_see_it(stakeholders: Callable) -> None:
    page = stakeholders()
    described = charts(page)
    assert described[1] == (f"ResNet50: 60.0% of 20, {interval(12, 20)}. VGG16: 50.0% of 2, {interval(1, 2)}.")
    assert all(described)


def test_a_period_can_be_chosen(stakeholders: Callable, database: Database) -> None:
    for age in (0, 6, 7, 29, 30, 90):
        keep(database, searched(day=TODAY - timedelta(age)))
    page = stakeholders()
    assert figures(page)[0][1] == "6"
    for period, number in (("week", "2"), ("month", "4")):
        page.app.session_state["stakeholders_period_name"] = period
        page.app.run()
        page.check()
        assert figures(page)[0][1] == number
    page.app.session_state["stakeholders_period_name"] = "own"
    page.app.session_state["stakeholders_days"] = (TODAY - timedelta(60), TODAY - timedelta(40))
    page.app.run()
    assert "No searches in this period." in page.app.info[0].value


def test_without_ratings_the_page_says_how_to_rate(stakeholders: Callable, database: Database) -> None:
    keep(database, searched(day=TODAY))
    page = stakeholders()
    assert "No ratings in this period." in page.text
    assert figures(page)[3][1:] == ("\N{EN DASH}", "no ratings yet")


@pytest.mark.usefixtures("used")
def test_usage_asks_for_the_stakeholder_key_if_one_is_set(
    stakeholders: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "open sesame")
    page = stakeholders()
    for typed, is_open in (("", False), ("sesame", False), ("open sesame", True)):
        assert not charts(page)
        assert "ResNet50" not in page.html
        page.app.text_input(key="stakeholder_typed").set_value(typed)
        page.click("FormSubmitter:stakeholder_form-Open")
        assert bool(charts(page)) is is_open
    assert figures(page)[0][1] == "6"
    # Another visitor, and another key, start fresh.
    assert not charts(stakeholders())
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "another")
    page.app.run()
    assert not charts(page)


@pytest.mark.usefixtures("used")
def test_guesses_at_the_key_are_logged_and_soon_not_even_looked_at(
    stakeholders: Callable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RECSYS_STAKEHOLDER_KEY", "sesame")
    _wrong_tries.clear()
    page = stakeholders()
    for typed in (*map(str, range(6)), "sesame"):
        page.app.text_input(key="stakeholder_typed").set_value(typed)
        page.click("FormSubmitter:stakeholder_form-Open")
    _wrong_tries.clear()
    assert "Too many wrong keys were tried." in page.text
    assert not charts(page)
    lines = [record.message for record in caplog.records if record.name.startswith("recsys")]
    told = [line.partition(" ")[2].partition(",")[0] for line in lines]
    assert told == ["the stakeholder key"] * 5 + ["at most 5 wrong stakeholder keys a minute"] * 2


@pytest.mark.usefixtures("database")
def test_records_that_fail_are_named_in_the_log(
    stakeholders: Callable, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (settings.records / "records.db").write_bytes(b"something else" * 1000)
    page = stakeholders()
    assert "This page cannot be shown yet" in page.text
    assert "that file is none" in caplog.text


@pytest.mark.usefixtures("used")
def test_the_page_speaks_indonesian(stakeholders: Callable) -> None:
    page = stakeholders(locale="id")
    assert page.app.title[0].value == "Penggunaan pencarian"
    assert "33,3%" in page.html
    assert "Kamera" in page.html
