"""What people read about a CSV: the first look, and the report as a page."""

from recsys.catalogue.first_look import first_look
from recsys.catalogue.report import ImportReport, SkippedRow, report_html
from tests.recsys.catalogue.local_shop import WriteCsv


def test_the_reports_page_groups_rows_by_reason_and_runs_nothing() -> None:
    rows = tuple(SkippedRow(f"<b>{number}</b>", "Expected <i>, got none.") for number in range(3))
    page = report_html(ImportReport(1, 2, 3, 4, skipped=rows))
    assert page.count("Expected &lt;i&gt;, got none.") == 1
    assert "&lt;b&gt;2&lt;/b&gt;" in page
    assert "3: Expected" in page
    assert "<b>" not in page


def test_a_first_look_explains_each_column_and_fetches_nothing(write_csv: WriteCsv) -> None:
    path = write_csv([("1", "A &amp; B", "http://shop.invalid/a.jpg"), ("2", "", "b.jpg"), ("3", "C", "c.jpg")])
    told = "\n".join(first_look(path))
    assert "3 rows: 2 usable, 1 skipped." in told
    assert "shop.invalid (1), files next to the CSV (1)" in told
    assert "Texts with HTML in them: 1" in told
    assert "Skipped, 1 times: Expected product_id, name, image_url, got a row without name" in told
