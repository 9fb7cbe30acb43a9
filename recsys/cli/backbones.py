"""`backbones`, `backbones fetch`, `backbones add` and `embed`: what there is to encode with, and encoding."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from embeddings.backbones import BACKBONES
from recsys.cli.console import print_line, progress_bar
from recsys.cli.options import BackboneArgument, BackbonesArgument, chosen_backbones
from recsys.settings import load_settings

app = typer.Typer()
backbones_app = typer.Typer(help="List the backbones, and get their weights.", invoke_without_command=True)


@backbones_app.callback()
def list_backbones(context: typer.Context) -> None:
    """List the backbones with the state of each, or get the weights of some."""
    if context.invoked_subcommand is not None:
        return
    from recsys.networks import networks_of

    library = networks_of(load_settings()).library
    print_line(f"{'name':18}{'input':>8}{'vector':>8}{'parameters':>13}{'size':>10}  weights")
    for backbone in BACKBONES.values():
        figures = f"{backbone.input_side:>5} px{backbone.dim:>8,}{backbone.parameters:>13,}"
        size = f"{backbone.weights_bytes / 1e6:.0f} MB"
        print_line(f"{backbone.name:18}{figures}{size:>10}  {library.state(backbone)}")


@backbones_app.command()
def fetch(
    backbones: BackbonesArgument = None,
    every: Annotated[bool, typer.Option("--all", help="Every backbone of the study.")] = False,
) -> None:
    """Fetch official weights from Keras' address, or from RECSYS_WEIGHTS_MIRROR."""
    from embeddings.downloads import fetch_weights
    from recsys.networks import networks_of

    if not backbones and not every:
        raise typer.BadParameter("name a backbone, or give --all.")
    settings = load_settings()
    networks = networks_of(settings)
    names = [name for name, backbone in BACKBONES.items() if not backbone.is_bundled] if every else backbones or []
    for backbone in (BACKBONES[name] for name in dict.fromkeys(names)):
        with progress_bar(backbone.name) as progress:
            fetch_weights(
                backbone,
                networks.library,
                partial(networks.check_weights, backbone),
                mirror=settings.weights_mirror,
                progress=progress,
            )
        print_line(f"{backbone.name}: {networks.library.state(backbone)}")


@backbones_app.command()
def add(
    backbone: BackboneArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Keras weights: .h5 without top, or .weights.h5.")],
) -> None:
    """Use a weights file of your own; adding again replaces it."""
    from recsys.networks import networks_of

    networks = networks_of(load_settings())
    chosen = BACKBONES[backbone]
    networks.library.take(chosen, file, partial(networks.check_weights, chosen))
    print_line(f"{backbone}: {networks.library.state(chosen)}")


@app.command()
def embed(
    backbones: BackbonesArgument = None,
    every: Annotated[bool, typer.Option("--all", help="Every backbone whose weights are on this machine.")] = False,
) -> None:
    """Encode the catalogue's pictures that have no vector yet."""
    from recsys.recommender import Recommender
    from recsys.vectors import embed_catalogue

    settings = load_settings()
    recommender = Recommender(settings)
    library = recommender.networks.library
    here = [name for name, backbone in BACKBONES.items() if library.state(backbone).is_here]
    for backbone in chosen_backbones(recommender, here if every else backbones):
        with progress_bar(backbone.name) as progress:
            done = embed_catalogue(
                recommender.catalogue, settings.cache, backbone, recommender.networks, progress=progress
            )
        print_line(f"{done.backbone}: {done.encoded:,} encoded, {done.reused:,} there already.")
