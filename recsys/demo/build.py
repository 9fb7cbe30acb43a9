"""Building the demo shop in a data home, on the road that a real shop takes: export, import, embed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from embeddings.errors import VectorsError
from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.runtime import Networks
from recsys.catalogue.export import export_catalogue
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import Catalogue, catalogue_path, load_catalogue
from recsys.catalogue.report import ImportReport
from recsys.catalogue.shop_sql import read_query
from recsys.demo.shop import create_shop
from recsys.errors import CatalogueError
from recsys.indexing.catalogue_vectors import EmbedReport
from recsys.indexing.jobs import Stage
from recsys.indexing.preparation import encode_catalogue
from recsys.search.kept_vectors import fitting_vectors
from recsys.search.refined.kept_descriptions import fitting_descriptions

ORIGIN = "demo"
SIZE = 5256  # the number of products in the study's shop

_STAGES = {Stage.ENCODING: "embed", Stage.DESCRIBING: "describe", Stage.CALIBRATING: "calibrate"}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class DemoReport:
    """What building the demo shop did."""

    imported: ImportReport
    embedded: EmbedReport


def demo_folder(cache: Path) -> Path:
    """Where the demo shop of a data home is: its database, packshots, sample and query photos."""
    return cache / "demo"


def build_demo(cache: Path, networks: Networks, *, size: int = SIZE, progress: Progress) -> DemoReport:
    """Render the demo shop and import and embed its catalogue; `progress` gets (stage, done, total).

    Run again it does only what is missing. Raises CatalogueError when the home holds a catalogue
    that is not the demo's.
    """
    _refuse_foreign_catalogue(cache)
    folder = demo_folder(cache)
    create_shop(folder, size=size, progress=progress)
    table = folder / "catalogue.csv"
    url = URL.create("sqlite", database=str(folder / "shop.sqlite"))
    export_catalogue(url.render_as_string(), read_query(folder / "export.sql"), table)
    imported = import_catalogue(
        table, cache, allow_shrink=True, origin=ORIGIN, progress=lambda done, total: progress("import", done, total)
    )
    embedded = encode_catalogue(
        load_catalogue(cache),
        cache,
        BUNDLED_CHOICE,
        networks,
        progress=lambda stage, done, total: progress(_STAGES[stage], done, total),
    )
    return DemoReport(imported, embedded)


def needs_demo(cache: Path, networks: Networks) -> bool:
    """Tell whether the home holds no catalogue, or a demo that was not finished."""
    if not catalogue_path(cache).is_file():
        return True
    try:
        catalogue = load_catalogue(cache)
    except CatalogueError:
        return True
    return catalogue.origin == ORIGIN and not _has_vectors(cache, catalogue, networks)


def _has_vectors(cache: Path, catalogue: Catalogue, networks: Networks) -> bool:
    try:
        identity = networks.identity(BUNDLED_CHOICE)
        fitting_vectors(cache, BUNDLED_CHOICE, catalogue, identity)
        fitting_descriptions(cache, BUNDLED_CHOICE, catalogue, identity)
    except VectorsError:
        return False
    return True


def _is_foreign(cache: Path) -> bool:
    """Whether the home holds a catalogue that the demo did not make; a damaged one beside a demo shop is the demo's."""
    if not catalogue_path(cache).is_file():
        return False
    try:
        return load_catalogue(cache).origin != ORIGIN
    except CatalogueError:
        return not (demo_folder(cache) / "recipe.json").is_file()


def _refuse_foreign_catalogue(cache: Path) -> None:
    if _is_foreign(cache):
        raise CatalogueError(
            f"Expected a data home without a shop of its own for the demo, but {cache.parent} holds another catalogue: "
            "choose another home with RECSYS_HOME."
        )
