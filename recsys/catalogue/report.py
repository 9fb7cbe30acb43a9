"""What became of every row of an import."""

from dataclasses import asdict, dataclass
from typing import Any

from recsys.errors import CatalogueError

WHOLE_FILE = "the file"
"""Stands for a row where something is to be said of all of them."""


@dataclass(frozen=True)
class SkippedRow:
    """A row and what there is to say about it."""

    product_id: str  # "row N" where the row has no id; the header is row 1
    reason: str


@dataclass(frozen=True)
class ImportReport:
    """The outcome of an import: imported + unchanged + kept + skipped are all rows of the CSV.

    `imported` rows are new or changed, `kept` ones show the picture of an earlier import because theirs
    could not be had, `removed` counts products of the earlier catalogue that are no longer in it.
    `notes` tell of products that went in without one of their values.
    """

    imported: int
    unchanged: int
    kept: int
    removed: int
    skipped: tuple[SkippedRow, ...] = ()
    kept_rows: tuple[SkippedRow, ...] = ()
    notes: tuple[SkippedRow, ...] = ()


class ImportRefusedError(CatalogueError):
    """An import that would harm the catalogue and therefore changed nothing; `report` says why."""

    def __init__(self, message: str, report: ImportReport) -> None:
        super().__init__(message)
        self.report = report


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
