"""A shop on this disk: a CSV with its pictures next to it, and the result of importing it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from recsys.catalogue.report import ImportReport
from tests.recsys.catalogue.shop_server import picture

WriteCsv = Callable[[Sequence[Sequence[str]]], Path]


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.imported, report.unchanged, report.kept, report.removed, len(report.skipped)


def local_shop(write_csv: WriteCsv, count: int) -> Path:
    """A CSV of products 0, 1, 2... with their pictures next to it."""
    path = write_csv([(str(number), f"Susu {number}", f"{number}.jpg") for number in range(count)])
    for number in range(count):
        (path.parent / f"{number}.jpg").write_bytes(picture(number))
    return path


def kept_files(cache: Path) -> set[str]:
    return {str(path.relative_to(cache / "images")) for path in (cache / "images").glob("*/*")}
