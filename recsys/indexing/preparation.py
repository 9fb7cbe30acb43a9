"""Making a backbone ready to search with: its weights, its compiled network, the catalogue's vectors.

`python -m recsys.indexing.preparation BACKBONE LOCK` does it in the background, for `recsys.indexing.launch`; `study`
for BACKBONE means those of the study's eight that are not ready, one after the other.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from filelock import FileLock

from embeddings.errors import KalcareError, NetworkError, VectorsError, WeightsError
from embeddings.files import atomic_write
from embeddings.masking import mask
from embeddings.models.backbones import BACKBONES, Backbone, backbone_named
from embeddings.models.runtime import Networks
from embeddings.models.weights_downloads import fetch_weights
from recsys.catalogue.image_store import forget_picture, is_kept
from recsys.catalogue.importer import leave_out_lost
from recsys.catalogue.products import Catalogue, Product, images_of, load_catalogue
from recsys.errors import CatalogueError, LostPictureError
from recsys.indexing.calibration import calibrate_catalogue
from recsys.indexing.catalogue_descriptions import describe_catalogue
from recsys.indexing.catalogue_vectors import EmbedReport, embed_catalogue
from recsys.indexing.encoding import LocalEngine, StartEngine
from recsys.indexing.launch import STUDY_JOB, jobs_of
from recsys.indexing.print_index_building import index_print
from recsys.indexing.progress import Reporter, Stage
from recsys.search.kept_vectors import check_vectors, vectors_folder
from recsys.search.networks import networks_of
from recsys.search.refined.kept_descriptions import check_descriptions, fitting_descriptions
from recsys.settings import Settings, load_settings

_NICENESS = 10  # visitors' photos go first


def prepare(settings: Settings, backbone: Backbone, report: Callable[..., None]) -> EmbedReport:
    """Download the backbone's weights if missing, and encode the pictures without vectors.

    Of several that run at once, one at a time compiles and encodes: each takes a gigabyte and all cores. Raises
    WeightsError, NetworkError, CatalogueError.
    """
    networks = networks_of(settings)
    turn = turn_of(settings)

    def compile_network(path: Path, sha256: str) -> None:
        report(Stage.WAITING)
        with turn:
            report(Stage.COMPILING)
            networks.check_weights(backbone, path, sha256)

    if not backbone.is_bundled:
        fetch_weights(
            backbone,
            networks.weights,
            compile_network,
            mirror=settings.weights_mirror,
            progress=partial(report, Stage.FETCHING),
        )
    weights = networks.weights.file(backbone)
    compile_network(weights.path, weights.sha256)
    report(Stage.WAITING)
    with turn:
        report(Stage.ENCODING)
        return encode_what_is_kept(settings.cache, backbone, networks, progress=report, on_left_out=_log_left_out)


def prepare_study(settings: Settings, report: Reporter) -> None:
    """Prepare each of the study's eight that is not ready, one after the other, as separately named jobs.

    One that fails does not stop the next; at the end, NetworkError names all that failed.
    """
    networks, backbones, failed = networks_of(settings), [one for one in BACKBONES.values() if one.in_study], []
    for number, backbone in enumerate(backbones):
        report(Stage.PREPARING, number, len(backbones))
        if is_encoded(settings.cache, backbone, networks):
            continue
        try:
            with jobs_of(settings).owned(backbone.name) as own:
                prepare(settings, backbone, _both(own, partial(report, Stage.PREPARING, number, len(backbones))))
        except (KalcareError, OSError) as error:
            sys.stderr.write(f"{backbone.name}: {mask(str(error))}\n")
            failed.append(backbone.name)
    if failed:
        raise NetworkError(f"Expected all of the study's backbones to be made ready, {', '.join(failed)} could not be.")


def is_encoded(cache: Path, backbone: Backbone, networks: Networks) -> bool:
    """Whether the backbone's weights are here, and vectors and descriptions of the whole catalogue."""
    try:
        catalogue, identity = load_catalogue(cache), networks.identity(backbone)
        check_vectors(cache, backbone, catalogue, identity)
        check_descriptions(cache, backbone, catalogue, identity)
    except (CatalogueError, VectorsError, WeightsError):
        return False
    return True


def _both(own: Reporter, alive: Callable[[], None]) -> Callable[..., None]:
    """Reports the progress of one job, and that the job around it is still running."""

    def report(stage: Stage, done: int = 0, total: int = 0) -> None:
        own(stage, done, total)
        alive()

    return report


def turn_of(settings: Settings) -> FileLock:
    """The lock of the one job in a data home that may compile, encode or measure."""
    return FileLock(settings.cache / "jobs" / "turn.lock")


def _log_left_out(product: Product) -> None:
    sys.stderr.write(f"left out {product.product_id}: its kept picture is lost or damaged: import again.\n")


def encode_what_is_kept(
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    engine: StartEngine = LocalEngine,
    progress: Callable[[Stage, int, int], None],
    on_left_out: Callable[[Product], None] = lambda product: None,
) -> EmbedReport:
    """Encode the published catalogue as `encode_catalogue` does, without products whose stored picture is lost.

    Then calibrate it. `on_left_out` is called with each product left out; the next import downloads their pictures
    again. Raises as `encode_catalogue` does, LostPictureError only if no picture is left, and CatalogueError if one is
    lost while an import is running.
    """
    while True:
        for product in leave_out_lost(cache):
            on_left_out(product)
        try:
            catalogue = load_catalogue(cache)
            done = encode_catalogue(catalogue, cache, backbone, networks, engine=engine, progress=progress)
            calibrate_catalogue(catalogue, cache, backbone, networks, progress=partial(progress, Stage.CALIBRATING))
            return done
        except LostPictureError as error:  # it looked intact, but is not
            if not is_kept(images_of(cache), error.image_key):
                raise
            forget_picture(images_of(cache), error.image_key)


def encode_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    engine: StartEngine = LocalEngine,
    progress: Callable[[Stage, int, int], None],
) -> EmbedReport:
    """Encode as `embed_catalogue` does, and record how many pictures per second this machine encoded.

    Then describe the pictures for the refined ranking, and index their print. `progress` is called with (stage, done,
    total). Raises WeightsError, NetworkError, VectorsError, LostPictureError.
    """
    done = embed_catalogue(catalogue, cache, backbone, networks, engine=engine, progress=progress)
    if done.encoded and engine is LocalEngine:
        with atomic_write(_speed_path(cache, backbone), sync=False) as file:
            file.write(json.dumps({"pictures_a_second": done.encoding.per_second}).encode())
    rate = describe_catalogue(catalogue, cache, backbone, networks, engine=engine, progress=progress)
    index_print(catalogue, cache, fitting_descriptions(cache, backbone, catalogue, networks.identity(backbone)))
    return replace(done, describing=rate)


def known_speed(cache: Path, backbone: Backbone) -> float | None:
    """How many pictures per second were encoded here, decoding included; None if never measured."""
    try:
        return float(json.loads(_speed_path(cache, backbone).read_bytes())["pictures_a_second"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _speed_path(cache: Path, backbone: Backbone) -> Path:
    return vectors_folder(cache, backbone) / "speed.json"


def main() -> int:
    """Do the job whose name and lock are the arguments."""
    name, lock = sys.argv[1:]
    if name == STUDY_JOB:
        return run_job(name, int(lock), prepare_study)
    return run_job(name, int(lock), lambda settings, report: prepare(settings, backbone_named(name), report))


def run_job(name: str, lock: int, work: Callable[[Settings, Reporter], object]) -> int:
    """Run the work of a job that `start_job` started with this lock; return the exit status.

    Visitors' photos go first. Errors go to the job's log, with secrets masked.
    """
    os.nice(_NICENESS)
    settings = load_settings()
    try:
        with jobs_of(settings).owned(name, inherited=lock) as report:
            work(settings, report)
    except (KalcareError, OSError) as error:
        sys.stderr.write(f"{mask(str(error))}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
