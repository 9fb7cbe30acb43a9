"""`demo`: build the demo shop."""

from typing import Annotated

import typer

from recsys.cli.catalogue import print_import
from recsys.cli.console import print_line, progress_bars
from recsys.settings import load_settings

app = typer.Typer()


@app.command()
def demo(
    size: Annotated[int, typer.Option(min=1, help="How many products the shop sells.")] = 5256,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing where a catalogue is ready.")] = False,
) -> None:
    """Build the demo shop and everything the app needs."""
    from recsys.demo.build import build_demo, needs_demo
    from recsys.search.networks import networks_of

    settings = load_settings()
    networks = networks_of(settings)
    if if_empty and not needs_demo(settings.cache, networks):
        return
    with progress_bars() as progress:
        report = build_demo(settings.cache, networks, size=size, progress=progress)
    print_import(report.imported)
    print_line(f"{report.embedded.num_products:,} products in {settings.home} are ready to be searched.")
