"""`backbones`, `backbones fetch`, `backbones add` and `embed`: the available backbones, and encoding with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from embeddings.errors import KalcareError
from embeddings.models.backbones import BACKBONES, Backbone
from recsys.cli.console import (
    FAILED,
    both,
    note_only_here,
    print_error,
    print_line,
    print_note,
    print_rates,
    progress_bar,
    progress_bars,
)
from recsys.cli.options import BackboneArgument, BackbonesArgument, chosen_backbones
from recsys.cli.remedies import error_text
from recsys.settings import Settings, load_settings

if TYPE_CHECKING:
    from embeddings.models.runtime import Networks
    from recsys.catalogue.products import Catalogue, Product
    from recsys.indexing.encoding import StartEngine
    from recsys.indexing.progress import Stage

app = typer.Typer()
backbones_app = typer.Typer(help="List the backbones, and get their weights.", invoke_without_command=True)


@backbones_app.callback()
def list_backbones(context: typer.Context) -> None:
    """List the backbones with the state of each, or get the weights of some."""
    if context.invoked_subcommand is not None:
        return
    from embeddings.errors import VectorsError, WeightsError
    from recsys.catalogue.products import Catalogue, load_catalogue
    from recsys.errors import CatalogueError
    from recsys.search.networks import networks_of
    from recsys.search.recalls import recalls_of, recalls_text

    settings = load_settings()
    networks = networks_of(settings)
    catalogue: Catalogue | None
    try:
        catalogue = load_catalogue(settings.cache)
    except CatalogueError:  # backbones can be fetched before there is anything to encode
        catalogue = None
    print_line(f"{'name':18}{'state':18}{'size':>7}{'vector':>8}{'indexed':>10}  speed here")
    for backbone in BACKBONES.values():
        size = f"{backbone.weights_bytes / 1e6:.0f} MB"
        state, indexed, speed = _backbone_columns(settings, backbone, networks, catalogue)
        print_line(f"{backbone.name:18}{state:18}{size:>7}{backbone.dim:>8,}{indexed:>10}  {speed}")
    for backbone in BACKBONES.values():
        with suppress(VectorsError, WeightsError):
            if catalogue and (recalls := recalls_of(settings.cache, backbone, catalogue, networks.identity(backbone))):
                print_line(f"{backbone.name}: {recalls_text(recalls)}")


def _backbone_columns(
    settings: Settings, backbone: Backbone, networks: "Networks", catalogue: "Catalogue | None"
) -> tuple[str, str, str]:
    """A backbone's columns in the table: its state, how many products it has encoded, its speed here."""
    from embeddings.errors import VectorsError, WeightsError
    from recsys.indexing.launch import jobs_of
    from recsys.indexing.preparation import known_speed
    from recsys.indexing.progress import JobState
    from recsys.search.kept_vectors import check_vectors, has_vectors

    job = jobs_of(settings).job(backbone.name)
    is_running = job is not None and job.state is JobState.RUNNING
    state = "being made ready" if is_running else str(networks.weights.state(backbone))
    indexed = "stale" if has_vectors(settings.cache, backbone) else "-"
    if catalogue is not None and indexed == "stale":
        with suppress(VectorsError, WeightsError):
            check_vectors(settings.cache, backbone, catalogue, networks.identity(backbone))
            indexed = f"{len(catalogue.products):,}"
    speed = known_speed(settings.cache, backbone)
    return state, indexed, f"{speed:,.0f} pictures/s" if speed else "-"


@backbones_app.command()
def fetch(
    backbones: BackbonesArgument = None,
    every: Annotated[bool, typer.Option("--all", help="Every backbone of the study.")] = False,
) -> None:
    """Download official weights from Keras' address, or from RECSYS_WEIGHTS_MIRROR."""
    from embeddings.models.weights_downloads import fetch_weights
    from recsys.indexing.launch import jobs_of
    from recsys.indexing.progress import Stage
    from recsys.search.networks import networks_of

    if not backbones and not every:
        raise typer.BadParameter("name a backbone, or give --all.")
    settings = load_settings()
    networks = networks_of(settings)
    names = [name for name, backbone in BACKBONES.items() if backbone.in_study] if every else backbones or []
    failures = []
    for backbone in (BACKBONES[name] for name in dict.fromkeys(names)):
        try:
            with jobs_of(settings).owned(backbone.name) as report, progress_bar(backbone.name) as progress:
                fetch_weights(
                    backbone,
                    networks.weights,
                    partial(networks.check_weights, backbone),
                    mirror=settings.weights_mirror,
                    progress=both(progress, partial(report, Stage.FETCHING)),
                )
        except KalcareError as error:  # one that fails does not keep the others from being fetched
            failures.append(error)
            print_error(error_text(error))
        else:
            print_line(f"{backbone.name}: {networks.weights.state(backbone)}")
    if failures:
        raise typer.Exit(FAILED)


@backbones_app.command()
def add(
    backbone: BackboneArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Keras weights: .h5 without top, or .weights.h5.")],
) -> None:
    """Add a weights file of your own; adding again replaces it."""
    from recsys.search.networks import networks_of

    networks = networks_of(load_settings())
    chosen = BACKBONES[backbone]
    networks.weights.take(chosen, file, partial(networks.check_weights, chosen))
    print_line(f"{backbone}: {networks.weights.state(chosen)}")


@app.command()
def embed(
    backbones: BackbonesArgument = None,
    every: Annotated[bool, typer.Option("--all", help="Every backbone whose weights are on this machine.")] = False,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Encode here, or on the nodes of a Ray cluster.")
    ] = "local",
    address: Annotated[
        str | None, typer.Option(metavar="ray://HOST:10001", help="The cluster. Default: one of this machine's cores.")
    ] = None,
) -> None:
    """Encode the catalogue's pictures that don't have a vector yet, and describe them for the refined ranking."""
    from recsys.indexing.launch import jobs_of
    from recsys.indexing.preparation import encode_what_is_kept
    from recsys.indexing.progress import Stage
    from recsys.search.recommender import Recommender

    if address and (engine != "ray" or not address.startswith("ray://")):
        raise typer.BadParameter("an address is ray://HOST:PORT, and only for --engine ray.")
    settings = load_settings()
    note_only_here(settings)
    recommender = Recommender(settings)
    library = recommender.networks.weights
    here = [name for name, backbone in BACKBONES.items() if library.state(backbone).is_here]
    with _started(engine, address) as start:
        for backbone in chosen_backbones(recommender, here if every else backbones):
            library.file(backbone)  # missing weights are not a failure of the job
            with jobs_of(settings).owned(backbone.name) as report, progress_bars() as bars:
                report(Stage.ENCODING)
                done = encode_what_is_kept(
                    settings.cache,
                    backbone,
                    recommender.networks,
                    engine=start,
                    progress=_staged(bars, report, backbone.name),
                    on_left_out=_tell_left_out,
                )
            print_line(f"{done.backbone}: {done.encoded:,} encoded, {done.reused:,} there already.")
            print_rates(done.backbone, {"vectors": done.encoding, "descriptions": done.describing})


@contextmanager
def _started(engine: str, address: str | None) -> Iterator["StartEngine"]:
    """The engine with this name, for the duration of the block."""
    if engine == "local":
        from recsys.indexing.encoding import LocalEngine

        yield LocalEngine
        return
    from recsys.indexing.ray_engine import RayCluster

    with RayCluster(address) as cluster:
        yield cluster.start


def _tell_left_out(product: "Product") -> None:
    print_note(f"left out {product.product_id}: its stored picture is lost or damaged: import the catalogue again.")


def _staged(
    bars: Callable[[str, int, int], None], job: Callable[["Stage", int, int], None], name: str
) -> Callable[["Stage", int, int], None]:
    """Move the stage's bar, and report the progress to the app."""

    def advance(stage: "Stage", done: int, total: int) -> None:
        bars(f"{name}, {stage.value.split()[0]}", done, total)
        job(stage, done, total)

    return advance
