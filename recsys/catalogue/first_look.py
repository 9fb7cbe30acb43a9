"""A first look at a shop's CSV: how the import understands it, before anything is fetched."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from recsys.catalogue.columns import COLUMNS, REQUIRED_COLUMNS
from recsys.catalogue.fetching import is_web_address
from recsys.catalogue.html_texts import has_markup
from recsys.catalogue.rows import catalogue_table, read_rows
from recsys.catalogue.shop_systems import translated_header
from recsys.csv_lines import CsvTable

_NUM_TOLD = 5


def first_look(csv_path: Path) -> Iterator[str]:
    """Yield, line by line, how each column was understood. Raises CatalogueError as the import does."""
    checked = read_rows(csv_path)
    table = catalogue_table(csv_path)
    header, system = translated_header(table.header, REQUIRED_COLUMNS)
    yield f"{len(table.lines):,} rows: {len(checked.rows):,} usable, {len(checked.skipped):,} skipped."
    if system:
        yield f"Columns: those of {system}, taken for ours."
    names = zip(header, table.header, strict=True)
    read = [ours if ours == theirs else f"{ours} (from {theirs!r})" for ours, theirs in names if ours in COLUMNS]
    yield f"Read: {', '.join(read)}."
    yield f"Left out: {', '.join(name for name in header if name not in COLUMNS) or 'nothing'}."
    ids = [row.product.product_id for row in checked.rows]
    yield f"product_id: {len(ids):,} ids{f', the first {ids[0]!r}' if ids else ''}."
    prices = [row.product.price for row in checked.rows if row.product.price is not None]
    without = len(checked.rows) - len(prices)
    span = f", from {min(prices):,.15g} to {max(prices):,.15g}" if prices else ""
    yield f"price: {len(prices):,} read with a point before the decimals{span}; {without:,} without."
    num_gtins = sum(bool(row.product.gtin) for row in checked.rows)
    if num_gtins:
        yield f"gtin: {num_gtins:,} with a right check digit; {len(checked.rows) - num_gtins:,} without."
    addresses = Counter(row.image_url for row in checked.rows)
    yield f"image_url: {len(addresses):,} addresses: {_counts(Counter(map(_host, addresses)))}."
    repeated = Counter({address: count for address, count in addresses.items() if count > 1})
    yield f"Repeated pictures: {_counts(Counter({_shown(address): n for address, n in repeated.items()})) or 'none'}."
    yield f"Texts with HTML in them: {_num_with_markup(CsvTable(header, table.lines)):,}, read as a browser shows them."
    for title, rows in (("Skipped", checked.skipped), ("Note", checked.notes)):
        for reason, count in Counter(row.reason for row in rows).most_common(_NUM_TOLD):
            yield f"{title}, {count:,} times: {reason}"


def _host(address: str) -> str:
    if not is_web_address(address):
        return "files next to the CSV"
    try:
        return urlsplit(address).hostname or "no host"
    except ValueError:
        return "no host"


def _shown(address: str) -> str:
    return address.rpartition("/")[2][:60]


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in counts.most_common(_NUM_TOLD))


def _num_with_markup(table: CsvTable) -> int:
    values = (table.values(line, ("name", "brand", "category", "description")) for line in table.lines)
    return sum(any(has_markup(text) for text in texts.values()) for texts in values)
