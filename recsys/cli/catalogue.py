"""`catalogue export` and `catalogue import`: from a shop's database to checked pictures."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embeddings.files import atomic_write
from recsys.cli.console import print_line, print_note, progress_bar
from recsys.settings import load_settings

if TYPE_CHECKING:
    from recsys.catalogue.report import ImportReport

app = typer.Typer(help="Export a shop's catalogue, and import it.", no_args_is_help=True)


@app.command("export")
def export(
    sql: Annotated[Path, typer.Option(metavar="FILE.sql", help="A file with one SELECT.")],
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="The catalogue to write.")],
    database_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="SQLAlchemy's address of the shop. Default: RECSYS_SHOP_DATABASE_URL."),
    ] = None,
) -> None:
    """Run a query on the shop's database and write its rows as a CSV. Nothing is changed in the database."""
    from recsys.catalogue.export import export_catalogue
    from recsys.catalogue.shop_sql import read_query

    configured = load_settings().shop_database_url
    url = database_url or (configured.get_secret_value() if configured else "")
    if not url:
        raise typer.BadParameter("give --database-url, or set RECSYS_SHOP_DATABASE_URL.")
    print_line(f"{export_catalogue(url, read_query(sql), out):,} rows exported to {out}.")


@app.command("import")
def import_(
    csv: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    report: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the report there as well.")] = None,
    allow_shrink: Annotated[
        bool, typer.Option("--allow-shrink", help="Accept that more than half of the catalogue is removed.")
    ] = False,
) -> None:
    """Import a catalogue's CSV: fetch, check and keep a picture of each product."""
    from recsys.catalogue.importer import import_catalogue
    from recsys.catalogue.report import ImportRefusedError

    cache = load_settings().cache
    try:
        with progress_bar("import") as progress:
            done = import_catalogue(csv, cache, allow_shrink=allow_shrink, progress=progress)
    except ImportRefusedError as error:
        _write_report(error.report, report)
        print_reasons(error.report)
        raise
    _write_report(done, report)
    print_import(done)


def print_import(report: "ImportReport") -> None:
    """Print what an import did: a line of counts, and on standard error each row's reason."""
    print_reasons(report)
    print_line(
        f"{report.imported:,} imported, {report.unchanged:,} unchanged, {report.kept:,} kept, "
        f"{report.removed:,} removed, {len(report.skipped):,} skipped."
    )


def print_reasons(report: "ImportReport") -> None:
    """Print on standard error what there is to say about single rows."""
    for verb, rows in (("skipped", report.skipped), ("kept", report.kept_rows), ("note", report.notes)):
        for row in rows:
            print_note(f"{verb} {row.product_id}: {row.reason}")


def _write_report(report: "ImportReport", path: Path | None) -> None:
    from recsys.catalogue.report import report_json

    if path is not None:
        with atomic_write(path) as file:
            file.write(json.dumps(report_json(report), ensure_ascii=False, indent=2).encode())
