"""`records backup` and `records restore`: copies of what cannot be rebuilt."""

from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.console import print_line
from recsys.settings import load_settings

app = typer.Typer(help="Copy the records: answers, ratings and invitations.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The copy.")]


@app.command()
def backup(file: FileArgument) -> None:
    """Copy the records into FILE while the app runs; an older copy there is replaced."""
    from recsys.database.copies import copy_database
    from recsys.database.engines import records_address

    copy_database(records_address(load_settings()), file)
    print_line(f"The records are in {file}, {file.stat().st_size:,} bytes, checked.")


@app.command()
def restore(file: FileArgument) -> None:
    """Restore the records in FILE into a data home that has none. Stop the app first."""
    from recsys.database.copies import restore_database
    from recsys.database.database import open_database
    from recsys.database.engines import records_address

    url = records_address(load_settings())
    restore_database(file, url)
    open_database(url)
    print_line(f"Restored the records in {file} to {load_settings().records}.")
