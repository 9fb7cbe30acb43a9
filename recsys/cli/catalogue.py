"""The `catalogue` commands: from a shop's database to checked pictures, and to other machines."""

import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embeddings.files import atomic_write
from recsys.cli.console import both, note_only_here, print_line, print_note, progress_bar
from recsys.settings import Settings, load_settings

if TYPE_CHECKING:
    from recsys.catalogue.image_downloads import DownloadLimits
    from recsys.catalogue.report import ImportReport

app = typer.Typer(help="Export a shop's catalogue, and import it.", no_args_is_help=True)


@app.command("export")
def export(
    sql: Annotated[Path, typer.Option(metavar="FILE.sql", help="A file with one SELECT.")],
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="The catalogue to write.")],
    database_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="SQLAlchemy URL of the shop's database. Default: RECSYS_SHOP_DATABASE_URL."),
    ] = None,
) -> None:
    """Run a query on the shop's database and write its rows as a CSV. Nothing is changed in the database."""
    from recsys.catalogue.export import export_catalogue
    from recsys.catalogue.shop_sql import read_query

    configured = load_settings().shop_database_url
    url = database_url or (configured.get_secret_value() if configured else "")
    if not url:
        raise typer.BadParameter("give --database-url, or set RECSYS_SHOP_DATABASE_URL.")
    print_line(f"{export_catalogue(url, read_query(sql), out, on_note=print_note):,} rows exported to {out}.")


@app.command("import")
def import_(
    csv: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the report to this file: JSON, or a page if it ends in .html."),
    ] = None,
    allow_shrink: Annotated[
        bool, typer.Option("--allow-shrink", help="Accept that more than half of the catalogue is removed.")
    ] = False,
    allow_private: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="A picture server in an internal network, such as 127.0.0.1. Repeatable."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read the file, download nothing, and print how it was understood.")
    ] = False,
) -> None:
    """Import a catalogue's CSV: download, check and store a picture of each product."""
    from recsys.catalogue.first_look import first_look
    from recsys.catalogue.importer import import_catalogue
    from recsys.catalogue.report import ImportRefusedError
    from recsys.indexing.launch import CATALOGUE_JOB, jobs_of
    from recsys.indexing.progress import Stage

    if dry_run:
        for line in first_look(csv):
            print_line(line)
        return
    settings = load_settings()
    note_only_here(settings)
    limits = _limits(settings, allow_private or [])
    try:
        with jobs_of(settings).owned(CATALOGUE_JOB) as report_job, progress_bar("import") as bar:
            progress = both(bar, partial(report_job, Stage.IMPORTING))
            done = import_catalogue(csv, settings.cache, allow_shrink=allow_shrink, limits=limits, progress=progress)
    except ImportRefusedError as error:
        _write_report(error.report, report)
        print_reasons(error.report)
        raise
    _write_report(done, report)
    print_import(done)


@app.command()
def share() -> None:
    """Upload the catalogue, as imported and encoded here, to RECSYS_CACHE, for other machines to fetch."""
    from recsys.catalogue.sharing import SharedFiles
    from recsys.indexing.launch import CATALOGUE_JOB, jobs_of
    from recsys.indexing.progress import Stage

    settings = load_settings()
    shared = SharedFiles(settings.cache)
    note_only_here(settings)
    with jobs_of(settings).owned(CATALOGUE_JOB) as report:
        report(Stage.SHARING)
        print_line(f"Shared at {settings.cache_address}: {shared.send():,} new files.")


@app.command()
def fetch(
    every: Annotated[
        float | None, typer.Option(min=1, metavar="SECONDS", help="Check again at this interval, until stopped.")
    ] = None,
) -> None:
    """Fetch the catalogue that another machine shared."""
    from recsys.catalogue.sharing import SharedFiles
    from recsys.errors import CatalogueError

    settings = load_settings()
    shared = SharedFiles(settings.cache)
    if every is None:
        print_line(f"{shared.fetch():,} files fetched from {settings.cache_address}.")
        return
    noted = ""
    while True:
        note = ""
        try:
            if count := shared.fetch():
                print_line(f"{count:,} files fetched from {settings.cache_address}.")
        except (CatalogueError, OSError) as error:  # nothing or something damaged is shared, or it cannot be reached
            note = " ".join(str(error).split())
        if note != noted:
            print_note(note or f"{settings.cache_address} can be fetched again.")
        noted = note
        time.sleep(every)


def _limits(settings: Settings, allow_private: list[str]) -> "DownloadLimits":
    from recsys.catalogue.image_downloads import DownloadLimits

    default = DownloadLimits()
    return DownloadLimits(
        user_agent=settings.import_user_agent or default.user_agent,
        referer=settings.import_referer,
        accept=settings.import_accept or default.accept,
        allow_private=frozenset(allow_private),
        on_pause=lambda server, seconds: print_note(f"{server} asks to wait {seconds:,.0f} s: waiting."),
    )


def print_import(report: "ImportReport") -> None:
    """Print the outcome of an import: a line of counts, and on standard error each row's reason."""
    print_reasons(report)
    print_line(
        f"{report.imported:,} imported, {report.unchanged:,} unchanged, {report.kept:,} kept, "
        f"{report.removed:,} removed, {len(report.skipped):,} skipped."
    )


def print_reasons(report: "ImportReport") -> None:
    """Print messages about single rows on standard error."""
    for verb, rows in (("skipped", report.skipped), ("kept", report.kept_rows), ("note", report.notes)):
        for row in rows:
            print_note(f"{verb} {row.product_id}: {row.reason}")


def _write_report(report: "ImportReport", path: Path | None) -> None:
    from recsys.catalogue.report import report_html, report_json

    if path is not None:
        is_page = path.suffix.lower() in {".html", ".htm"}
        text = report_html(report) if is_page else json.dumps(report_json(report), ensure_ascii=False, indent=2)
        with atomic_write(path) as file:
            file.write(text.encode())
