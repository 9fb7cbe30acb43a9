"""From a shop's database to `catalogue.csv`, by a SQL query that the shop writes."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, Row
from sqlalchemy.exc import ResourceClosedError

from embeddings.files import atomic_write
from recsys.catalogue.columns import COLUMNS, REQUIRED_COLUMNS
from recsys.catalogue.connections import parse_database_url, read_only_connection, sqlite_file
from recsys.catalogue.shop_sql import single_read
from recsys.catalogue.shop_texts import csv_price
from recsys.errors import ExportError

ROWS_AT_A_TIME = 1000


def export_catalogue(
    database_url: str,
    sql: str,
    out: Path,
    *,
    on_note: Callable[[str], None] = lambda note: None,
) -> int:
    """Write the rows of a query to a CSV, all or nothing, and return their number.

    `database_url` is any SQLAlchemy URL; the database is only read, in a read-only transaction if the database has
    those, rolled back at the end. Columns that are not the catalogue's are left out; NULL becomes an empty field.
    `on_note` is called with a message about a row whose text is not UTF-8, and was read as Windows-1252.

    Raises ExportError if the query does anything but read, fails, or lacks a required column; if its driver is missing;
    or if the CSV cannot be written. No message contains the password.
    """
    url = parse_database_url(database_url)
    query = single_read(sql, url.get_backend_name())
    _refuse_database_as_output(sqlite_file(url), out)
    options = {"stream_results": True, "max_row_buffer": ROWS_AT_A_TIME, "no_parameters": True}
    try:
        with read_only_connection(url) as connection:
            result = connection.exec_driver_sql(query, execution_options=options)
            return _write(result, out, on_note)
    except OSError as error:
        raise ExportError(f"Expected to write {out}, got: {error.strerror or error}.") from error


def _write(result: CursorResult[Any], out: Path, on_note: Callable[[str], None]) -> int:
    positions = _positions(result)
    count = 0
    with atomic_write(out) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(positions)
        for rows in result.partitions(ROWS_AT_A_TIME):
            for texts in _texts(rows, tuple(positions.values())):
                count += 1
                plain = [_readable(text) for text in texts]
                if plain != texts:
                    on_note(f"row {count}, {plain[0]}: a text is not UTF-8 and was read as Windows-1252: check it.")
                writer.writerow(plain)
        text.detach()
    return count


def _positions(result: CursorResult[Any]) -> dict[str, int]:
    """The position in the query of each catalogue column, in the catalogue's order."""
    try:
        names = [name.lower() for name in result.keys()]  # noqa: SIM118
    except ResourceClosedError:
        raise ExportError("Expected a query that returns rows, got one that returns none: write a SELECT.") from None
    missing = [column for column in REQUIRED_COLUMNS if column not in names]
    if missing:
        raise ExportError(
            f"Expected the columns {', '.join(REQUIRED_COLUMNS)}, missing {', '.join(missing)}; the query returns "
            f"{', '.join(names)}: rename with AS."
        )
    twice = [column for column in COLUMNS if names.count(column) > 1]
    if twice:
        raise ExportError(
            f"Expected each column once, got {', '.join(twice)} more than once: rename or drop one in the query."
        )
    return {column: names.index(column) for column in COLUMNS if column in names}


def _texts(rows: Iterable[Row[Any]], positions: Sequence[int]) -> Iterable[list[str]]:
    return ([_text(row[position]) for position in positions] for row in rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return csv_price(value)
    if isinstance(value, float) and isfinite(value):
        return csv_price(Decimal(repr(value)))
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        try:
            return data.decode()
        except UnicodeDecodeError:  # for example an id of 16 bytes
            return data.hex()
    return str(value)


def _readable(text: str) -> str:
    """The text with its non-UTF-8 bytes, which arrive as surrogates, decoded as Windows-1252."""
    if text.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in text):
        return text
    data = text.encode("utf-8", "surrogateescape")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _refuse_database_as_output(database: Path | None, out: Path) -> None:
    if database and out.exists() and out.samefile(database):
        raise ExportError(f"Expected a CSV file to write, got the shop's database {out}: name another file.")
