"""`backbones` and `embed`: what there is to encode with, and encoding the catalogue."""

from typing import Annotated

import typer

from embeddings.backbones import BACKBONES
from embeddings.weights import WeightsState, weights_state
from recsys.cli.console import print_line, progress_bar
from recsys.cli.options import BackbonesArgument, chosen_backbones
from recsys.settings import load_settings

app = typer.Typer()


@app.command("backbones")
def list_backbones() -> None:
    """List the backbones with the state of each."""
    print_line(f"{'name':18}{'input':>8}{'vector':>8}{'parameters':>13}  weights")
    for backbone in BACKBONES.values():
        figures = f"{backbone.input_side:>5} px{backbone.dim:>8,}{backbone.parameters:>13,}"
        print_line(f"{backbone.name:18}{figures}  {weights_state(backbone)}")


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
    here = [backbone.name for backbone in BACKBONES.values() if weights_state(backbone) is WeightsState.BUNDLED]
    for backbone in chosen_backbones(recommender, here if every else backbones):
        with progress_bar(backbone.name) as progress:
            done = embed_catalogue(
                recommender.catalogue, settings.cache, backbone, recommender.networks, progress=progress
            )
        print_line(f"{done.backbone}: {done.encoded:,} encoded, {done.reused:,} there already.")
