"""`demo`: build the demo shop."""

from typing import Annotated

import typer

from recsys.cli.catalogue import print_import
from recsys.cli.console import print_line, print_rates, progress_bars
from recsys.demo import STUDY_SIZE
from recsys.settings import load_settings

app = typer.Typer()


@app.command()
def demo(
    size: Annotated[int, typer.Option(min=1, help="How many products the shop sells.")] = STUDY_SIZE,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing if a catalogue is ready.")] = False,
    starter: Annotated[
        bool, typer.Option("--starter", help="Build the first few hundred products; the app builds the rest.")
    ] = False,
) -> None:
    """Build the demo shop and everything the app needs."""
    from recsys.demo.build import build_demo, build_part, needs_demo
    from recsys.demo.growth import growing_mark
    from recsys.search.networks import networks_of

    settings = load_settings()
    networks = networks_of(settings)
    is_growing = growing_mark(settings.cache).exists() and not starter
    if if_empty and not is_growing and not needs_demo(settings.cache, networks):
        return
    with progress_bars() as progress:
        build = build_part if starter else build_demo
        report = build(settings.cache, networks, size=size, progress=progress)
    print_import(report.imported)
    print_line(f"{report.embedded.num_products:,} products in {settings.home} are ready to be searched.")
    embedded = report.embedded
    print_rates(embedded.backbone, {"vectors": embedded.encoding, "descriptions": embedded.describing})
