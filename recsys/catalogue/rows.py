"""The rows of `catalogue.csv`: read and checked, bad ones listed with their reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recsys.catalogue.columns import COLUMNS, REQUIRED_COLUMNS
from recsys.catalogue.gtin import parse_gtin
from recsys.catalogue.html_texts import plain_text
from recsys.catalogue.image_addresses import image_address
from recsys.catalogue.products import Product
from recsys.catalogue.report import WHOLE_FILE, SkippedRow
from recsys.catalogue.shop_systems import KNOWN_COLUMNS, PICTURE_COLUMNS, translated_header
from recsys.catalogue.shop_texts import (
    have_three_decimals,
    is_spreadsheets_number,
    parse_price,
    split_currency,
)
from recsys.csv_lines import CsvLine, CsvTable, read_table, read_text
from recsys.errors import CatalogueError

_TEXTS = ("name", "brand", "category", "description")


@dataclass(frozen=True)
class Row:
    """A good row: the product, without its picture yet, and where its picture is."""

    product: Product  # image_key is empty
    image_url: str


@dataclass
class CheckedRows:
    """The good rows in order, the skipped ones, and values of good rows that were left out."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    notes: list[SkippedRow] = field(default_factory=list)


def read_rows(csv_path: Path) -> CheckedRows:
    """Read and check every row of a UTF-8 CSV with `,`, `;`, tab or `|` between its fields.

    Column names of common shop systems are translated, and noted. Raises CatalogueError if the file cannot be read as
    such, or lacks a required column.
    """
    table = catalogue_table(csv_path)
    checked = CheckedRows()
    _note_reading(table, checked.notes)
    table = CsvTable(translated_header(table.header, REQUIRED_COLUMNS)[0], table.lines)
    _check_header(table.header, csv_path)
    prices = [table.values(line, ("price",)).get("price", "") for line in table.lines]
    reader = _RowReader(table, have_three_decimals(split_currency(price)[0] for price in prices), checked)
    for line in table.lines:
        reader.take(line)
    return checked


def catalogue_table(csv_path: Path) -> CsvTable:
    """Read a catalogue's CSV unchecked. Raises CatalogueError if it cannot be read as text."""
    try:
        return read_table(read_text(csv_path), {*COLUMNS, *KNOWN_COLUMNS}, ("image_url", *PICTURE_COLUMNS))
    except OSError as error:
        raise CatalogueError(f"Expected a CSV file, cannot read {csv_path}: {error.strerror}.") from None
    except ValueError as error:
        raise CatalogueError(f"Expected UTF-8 text, got {error}: save it as UTF-8 (in Excel: `CSV UTF-8`).") from None


def _note_reading(table: CsvTable, notes: list[SkippedRow]) -> None:
    system = translated_header(table.header, REQUIRED_COLUMNS)[1]
    if system:
        notes.append(SkippedRow(WHOLE_FILE, f"The columns are those of {system}, and were taken for ours."))
    if table.title_lines:
        notes.append(SkippedRow(WHOLE_FILE, f"Lines above the header that were passed over: {table.title_lines}."))


def _check_header(header: Sequence[str], csv_path: Path) -> None:
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


class _RowReader:
    """Turns a table's lines one by one into checked rows."""

    def __init__(self, table: CsvTable, has_three_decimals: bool, checked: CheckedRows) -> None:
        self._table = table
        self._has_three_decimals = has_three_decimals
        self._checked = checked
        self._line_of_id: dict[str, int] = {}

    def take(self, line: CsvLine) -> None:
        """Check a line: it becomes a row, or is skipped with its reason."""
        values = {name: _shown(name, value) for name, value in self._table.values(line, COLUMNS).items()}
        product_id = values.get("product_id", "")
        image_url, num_addresses = image_address(values.get("image_url", ""))
        reason = line.fault or self._fault({**values, "image_url": image_url}, line)
        if reason:
            self._checked.skipped.append(SkippedRow(product_id or f"row {line.number}", reason))
            return
        self._line_of_id[product_id] = line.number
        if num_addresses > 1:
            self._note(product_id, "The first of several addresses in the cell was taken.")
        if is_spreadsheets_number(product_id):
            self._note(
                product_id,
                f"A spreadsheet has turned the id into {product_id}, its digits are lost: make the column one of text "
                "and export again.",
            )
        self._checked.rows.append(Row(self._product(values), image_url))

    def _fault(self, values: dict[str, str], line: CsvLine) -> str:
        width = len(self._table.header)
        if any(value.strip() for value in line.fields[width:]):
            return f"Expected {width} fields, got {len(line.fields)}: put text that contains the separator in quotes."
        missing = [column for column in REQUIRED_COLUMNS if not values.get(column)]
        if missing:
            return f"Expected {', '.join(REQUIRED_COLUMNS)}, got a row without {', '.join(missing)}: fill it in."
        if any("\0" in value for value in values.values()):
            return "Expected text, got NUL characters: the value is damaged in the shop."
        product_id = values["product_id"]
        first = self._line_of_id.get(product_id)
        if first is None:
            return ""
        cause = " (a spreadsheet lost its digits)" if is_spreadsheets_number(product_id) else ""
        return (
            f"Expected each product_id once, got it in rows {first} and {line.number}{cause}: "
            f"only row {first} was read."
        )

    def _product(self, values: dict[str, str]) -> Product:
        written, currency = split_currency(values.get("price", ""))
        price = parse_price(written, has_three_decimals=self._has_three_decimals) if written else None
        if written and price is None:
            self._note(
                values["product_id"],
                f"Expected a plain number such as 15000 or 15000.50, got price {written[:40]!r}: left out.",
            )
        return Product(
            product_id=values["product_id"],
            image_key="",
            price=price,
            currency=values.get("currency") or currency,
            product_url=values.get("product_url", ""),
            gtin=self._gtin(values),
            **{name: values.get(name, "") for name in _TEXTS},
        )

    def _gtin(self, values: dict[str, str]) -> str:
        written = values.get("gtin", "")
        gtin = parse_gtin(written) if written else ""
        if gtin is None:
            cause = ": a spreadsheet lost its digits" if is_spreadsheets_number(written) else ""
            self._note(
                values["product_id"],
                f"Expected a gtin of 8, 12, 13 or 14 digits, the last of which is right, got {written[:40]!r}{cause}: "
                "left out.",
            )
        return gtin or ""

    def _note(self, product_id: str, reason: str) -> None:
        self._checked.notes.append(SkippedRow(product_id, reason))


def _shown(column: str, value: str) -> str:
    """A value as it will be shown; empty if nothing of it can be seen."""
    text = plain_text(value) if column in _TEXTS else value
    return text if any(character.isprintable() and not character.isspace() for character in text) else ""
