"""The rows of `catalogue.csv`: read, checked, and each bad one named with its reason."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from recsys.catalogue.columns import COLUMNS, REQUIRED_COLUMNS
from recsys.catalogue.products import Product
from recsys.catalogue.report import SkippedRow
from recsys.errors import CatalogueError

DELIMITERS = ",;\t"  # spreadsheets write the one that their country uses
MAX_FIELD = 16 * 1024 * 1024
THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # 15.000: fifteen, or fifteen thousand as Indonesia writes it


@dataclass(frozen=True)
class Row:
    """A good row: the product, still without its picture, and where its picture is."""

    product: Product  # image_key is empty
    image_url: str


@dataclass
class CheckedRows:
    """The good rows in their order, the skipped ones, and what was left out of good ones."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    notes: list[SkippedRow] = field(default_factory=list)


def read_rows(csv_path: Path) -> CheckedRows:
    """Read and check every row of a UTF-8 CSV with `,`, `;` or tab between its fields.

    Raises CatalogueError when the file cannot be read as such, or lacks a required column.
    """
    text = _text_of(csv_path)
    delimiter, header = _checked_header(text, csv_path)
    checked = CheckedRows()
    row_of_id: dict[str, int] = {}
    for number, fields in _records(text, delimiter, csv_path):
        if isinstance(fields, csv.Error):
            reason = f"Expected a CSV row, got bad quoting ({fields}): double the quotes inside quoted text."
            checked.skipped.append(SkippedRow(f"row {number}", reason))
        else:
            _check_row(number, header, fields, row_of_id, checked)
    return checked


def parse_price(text: str) -> float | None:
    """Read a plain number such as `15000` or `15000.50`; None for anything that can be read in two ways."""
    if THOUSANDS.fullmatch(text):
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    return float(price) if price.is_finite() and 0 <= price < Decimal("1e15") else None


def _text_of(csv_path: Path) -> str:
    try:
        text = csv_path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CatalogueError(f"Expected a CSV file, cannot read {csv_path}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise CatalogueError(
            f"Expected UTF-8 text, got another encoding in {csv_path} (byte {error.start}): "
            "save it as UTF-8 (in Excel: `CSV UTF-8`)."
        ) from None
    if "\0" in text.partition("\n")[0]:
        raise CatalogueError(
            f"Expected UTF-8 text, got UTF-16 or binary data in {csv_path}: save it as UTF-8 (in Excel: `CSV UTF-8`)."
        )
    return text


def delimiter_and_header(text: str, columns: Collection[str]) -> tuple[str, list[str]]:
    """Tell what separates a CSV's fields, and its header: with that delimiter it names most of `columns`."""
    headers = {delimiter: _header(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(headers, key=lambda delimiter: len(set(columns).intersection(headers[delimiter])))
    return delimiter, headers[delimiter]


def _checked_header(text: str, csv_path: Path) -> tuple[str, list[str]]:
    delimiter, header = delimiter_and_header(text, COLUMNS)
    missing = [column for column in REQUIRED_COLUMNS if column not in header]
    if missing:
        raise CatalogueError(
            f"Expected the columns {', '.join(REQUIRED_COLUMNS)}, missing {', '.join(missing)} in {csv_path}; "
            f"found {', '.join(header)[:500] or 'nothing'}: name them in the first row."
        )
    twice = [column for column in COLUMNS if header.count(column) > 1]
    if twice:
        raise CatalogueError(
            f"Expected each column once, got {', '.join(twice)} more than once in {csv_path}: rename one."
        )
    return delimiter, header


def _header(text: str, delimiter: str) -> list[str]:
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []
    return [name.strip().lower() for name in names]


def _records(text: str, delimiter: str, csv_path: Path) -> Iterator[tuple[int, list[str] | csv.Error]]:
    # The default of 128 KB is process-wide and less than a description with a picture inside.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_FIELD))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    number = 1
    while True:
        number += 1
        try:
            fields: list[str] | csv.Error = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if str(error) == "unexpected end of data":  # whatever followed the open quote was swallowed
                raise CatalogueError(
                    f"Expected a whole CSV file, {csv_path} ends inside the quoted text of row {number}: "
                    "export it again, or close the quote."
                ) from None
            fields = error
        yield number, fields


def _check_row(
    number: int, header: Sequence[str], fields: Sequence[str], row_of_id: dict[str, int], checked: CheckedRows
) -> None:
    if not any(value.strip() for value in fields):
        return  # an empty line
    values = {name: value.strip() for name, value in zip(header, fields, strict=False) if name in COLUMNS}
    product_id = values.get("product_id", "")
    reason = _fault(values, header, fields)
    if not reason and product_id in row_of_id:
        first = row_of_id[product_id]
        reason = f"Expected each product_id once, got it in rows {first} and {number}: row {first} was taken."
    if reason:
        checked.skipped.append(SkippedRow(product_id or f"row {number}", reason))
        return
    row_of_id[product_id] = number
    checked.rows.append(_row(values, checked.notes))


def _fault(values: dict[str, str], header: Sequence[str], fields: Sequence[str]) -> str:
    if any(value.strip() for value in fields[len(header) :]):
        return f"Expected {len(header)} fields, got {len(fields)}: put text that contains the separator in quotes."
    missing = [column for column in REQUIRED_COLUMNS if not values.get(column)]
    if missing:
        return f"Expected {', '.join(REQUIRED_COLUMNS)}, got a row without {', '.join(missing)}: fill it in."
    if any("\0" in value for value in values.values()):
        return "Expected text, got NUL characters: the value is damaged in the shop."
    return ""


def _row(values: dict[str, str], notes: list[SkippedRow]) -> Row:
    price_text = values.pop("price", "")
    price = parse_price(price_text) if price_text else None
    if price_text and price is None:
        reason = f"Expected a plain number such as 15000 or 15000.50, got price {price_text[:40]!r}: left out."
        notes.append(SkippedRow(values["product_id"], reason))
    image_url = values.pop("image_url")
    return Row(product=Product(image_key="", price=price, **values), image_url=image_url)
