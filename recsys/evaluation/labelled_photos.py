"""The labelled photos of `queries.csv`: which product each shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recsys.catalogue.local_files import PictureError, find_file
from recsys.csv_lines import CsvLine, CsvTable, read_table, read_text
from recsys.errors import EvaluationError

_REQUIRED = ("photo", "product_id")
_COLUMNS = (*_REQUIRED, "category", "group")


@dataclass(frozen=True)
class LabelledPhoto:
    """A query photo and the product it shows; `group` is empty if the queries are not grouped.

    `name` is the photo's name in the CSV. A row with a `fault` has no product, and its number instead of a photo.
    """

    photo: Path
    product_id: str
    group: str = ""
    name: str = ""
    fault: str = ""


def read_queries(path: Path) -> tuple[LabelledPhoto, ...]:
    """Read the labelled photos of a CSV with the columns photo, product_id and optionally group.

    It is read like a catalogue's CSV; photo paths are relative to it, in any spelling that the import accepts. Raises
    EvaluationError if the file is not such a CSV, lacks a column, or contains no query.
    """
    try:
        table = read_table(read_text(path), _COLUMNS, ("photo",))
    except (OSError, ValueError) as error:
        raise EvaluationError(f"Expected a UTF-8 CSV of labelled photos at {path}, but: {error}.") from None
    if not set(_REQUIRED) <= set(table.header):
        found = ", ".join(filter(None, table.header)) or "none"
        raise EvaluationError(f"Expected the columns photo and product_id in {path}, found {found}.")
    if not table.lines:
        raise EvaluationError(f"Expected labelled photos in {path}, found none.")
    return tuple(_labelled(table, line, path.parent) for line in table.lines)


def _labelled(table: CsvTable, line: CsvLine, folder: Path) -> LabelledPhoto:
    values = table.values(line, _COLUMNS)
    if fault := line.fault or _fault(table, line, values):
        row = f"row {line.number}"
        return LabelledPhoto(Path(row), "", name=values.get("photo") or row, fault=fault)
    photo = values["photo"]
    return LabelledPhoto(_found(folder, photo), values["product_id"], values.get("group", ""), photo)


def _fault(table: CsvTable, line: CsvLine, values: Mapping[str, str]) -> str:
    width = len(table.header)
    if any(value.strip() for value in line.fields[width:]):
        return f"Expected {width} fields, got {len(line.fields)}: put text that contains the separator in quotes."
    missing = [column for column in _REQUIRED if not values.get(column)]
    return f"Expected a photo and its product, got a row without {', '.join(missing)}: fill it in." if missing else ""


def _found(folder: Path, photo: str) -> Path:
    """The file that a name stands for; if there is none, or it is outside the folder, the path as written."""
    plain = folder / photo
    if plain.is_file():
        return plain
    try:
        return find_file(folder, photo).path
    except PictureError:
        return plain
