"""The labelled photos of `queries.csv`: which product each of them shows."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from recsys.catalogue.rows import delimiter_and_header
from recsys.errors import EvaluationError

REQUIRED_COLUMNS = ("photo", "product_id")
_COLUMNS = (*REQUIRED_COLUMNS, "category", "group")


@dataclass(frozen=True)
class LabelledPhoto:
    """A query photo and the product it shows; `group` is empty where the queries are not grouped.

    `name` is the photo as the file of queries names it.
    """

    photo: Path
    product_id: str
    group: str = ""
    name: str = ""


def read_queries(path: Path) -> tuple[LabelledPhoto, ...]:
    """Read the labelled photos of a CSV with the columns photo, product_id and optionally group.

    Its fields are separated by `,`, `;` or tab; photo paths are relative to the CSV. Raises
    EvaluationError when the file is none, lacks a column, or holds no query.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        delimiter, header = delimiter_and_header(text, _COLUMNS)
        _check_header(header, path)
        rows = csv.DictReader(io.StringIO(text, newline=""), header, delimiter=delimiter)
        next(rows, None)
        queries = tuple(_labelled(row, path.parent) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"Expected a UTF-8 CSV of labelled photos at {path}, but: {error}.") from None
    if not queries:
        raise EvaluationError(f"Expected labelled photos in {path}, found none.")
    return queries


def _check_header(header: list[str], path: Path) -> None:
    if not set(REQUIRED_COLUMNS) <= set(header):
        found = ", ".join(header) or "none"
        raise EvaluationError(f"Expected the columns photo and product_id in {path}, found {found}.")


def _labelled(row: dict[str, str | None], folder: Path) -> LabelledPhoto:
    photo, product_id, group = ((row.get(column) or "").strip() for column in ("photo", "product_id", "group"))
    return LabelledPhoto(folder / photo, product_id, group, photo)
