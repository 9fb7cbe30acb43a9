"""The outcome of every row of an import."""

from dataclasses import asdict, dataclass
from typing import Any

from jinja2 import Environment

from recsys.errors import CatalogueError

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Import report</title>
<style>body { font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
summary { cursor: pointer } code { overflow-wrap: anywhere }</style>
<h1>Import report</h1>
<p>{{ "{:,}".format(report.imported) }} imported, {{ "{:,}".format(report.unchanged) }} unchanged,
{{ "{:,}".format(report.kept) }} kept, {{ "{:,}".format(report.removed) }} removed,
{{ "{:,}".format(report.skipped|length) }} skipped.</p>
{% for title, reasons in groups if reasons %}
<h2>{{ title }}</h2>
{% for reason, ids in reasons %}
<details{% if ids|length <= 20 %} open{% endif %}><summary>{{ ids|length }}: {{ reason }}</summary>
<p>{% for id in ids %}<code>{{ id }}</code> {% endfor %}</p></details>
{% endfor %}
{% endfor %}
</html>
"""
)

WHOLE_FILE = "the file"
"""Stands in for a row in messages about all rows."""


@dataclass(frozen=True)
class SkippedRow:
    """A row and a message about it."""

    product_id: str  # "row N" if the row has no id; the header is row 1
    reason: str


@dataclass(frozen=True)
class ImportReport:
    """The outcome of an import: imported + unchanged + kept + skipped are all rows of the CSV.

    `imported` rows are new or changed, `kept` ones show an earlier import's picture because theirs could not be
    obtained, `removed` counts earlier products that are no longer in the CSV. `notes` are about products that were
    imported without one of their values.
    """

    imported: int
    unchanged: int
    kept: int
    removed: int
    skipped: tuple[SkippedRow, ...] = ()
    kept_rows: tuple[SkippedRow, ...] = ()
    notes: tuple[SkippedRow, ...] = ()


class ImportRefusedError(CatalogueError):
    """An import that would do harm and therefore changed nothing; `report` says why."""

    def __init__(self, message: str, report: ImportReport) -> None:
        super().__init__(message)
        self.report = report


def report_html(report: ImportReport) -> str:
    """The report as a readable page: the counts, then the rows by reason, the most frequent first."""
    return _PAGE.render(
        report=report,
        groups=[
            ("Skipped", _by_reason(report.skipped)),
            ("Shown with an older picture", _by_reason(report.kept_rows)),
            ("Notes", _by_reason(report.notes)),
        ],
    )


def _by_reason(rows: tuple[SkippedRow, ...]) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(row.reason, []).append(row.product_id)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def report_json(report: ImportReport) -> dict[str, Any]:
    """The report as `catalogue import --report` writes it."""
    return {
        "imported": report.imported,
        "unchanged": report.unchanged,
        "kept": report.kept,
        "removed": report.removed,
        "skipped": [asdict(row) for row in report.skipped],
        "kept_because": [asdict(row) for row in report.kept_rows],
        "notes": [asdict(row) for row in report.notes],
    }
