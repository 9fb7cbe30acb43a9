"""Building the demo shop in a data home, the way a real shop does: export, import, embed."""

import csv
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import URL

from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.runtime import Networks
from recsys.catalogue.export import export_catalogue
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import Catalogue, catalogue_path, load_catalogue
from recsys.catalogue.report import ImportReport
from recsys.catalogue.shop_sql import read_query
from recsys.demo import STUDY_SIZE
from recsys.demo.growth import demo_folder, growing_mark
from recsys.demo.shop import Progress, create_shop, growth_order
from recsys.errors import CatalogueError
from recsys.indexing.calibration import calibrate_catalogue
from recsys.indexing.catalogue_vectors import EmbedReport
from recsys.indexing.preparation import encode_catalogue, is_encoded
from recsys.indexing.progress import Stage
from recsys.settings import shared_address

ORIGIN = "demo"
STARTER_SIZE = 300

_STAGES = {Stage.ENCODING: "embed", Stage.DESCRIBING: "describe", Stage.CALIBRATING: "calibrate"}


@dataclass(frozen=True)
class DemoReport:
    """What building the demo shop did."""

    imported: ImportReport
    embedded: EmbedReport


def build_demo(cache: Path, networks: Networks, *, size: int = STUDY_SIZE, progress: Progress) -> DemoReport:
    """Render the demo shop and import and embed its catalogue; `progress` gets (stage, done, total).

    Run again it does only what is missing. Raises CatalogueError when the home holds a catalogue
    that is not the demo's.
    """
    report = _build(cache, networks, size=size, progress=progress)
    growing_mark(cache).unlink(missing_ok=True)
    return report


def build_part(
    cache: Path, networks: Networks, num_products: int = STARTER_SIZE, *, size: int = STUDY_SIZE, progress: Progress
) -> DemoReport:
    """Build the first products of the demo shop, those that show all of it, and mark it as one that grows.

    It can be searched; how good a match is, is not said yet. Raises as `build_demo` does.
    """
    growing_mark(cache).parent.mkdir(parents=True, exist_ok=True)
    growing_mark(cache).touch()
    return _build(cache, networks, size=size, only=growth_order(size)[:num_products], progress=progress)


def needs_demo(cache: Path, networks: Networks) -> bool:
    """Tell whether the home holds no catalogue, nor waits for one, or a demo shop that cannot be searched."""
    if not catalogue_path(cache).is_file():
        return not shared_address(cache)  # else it is fetched from there, or imported for all
    try:
        catalogue = load_catalogue(cache)
    except CatalogueError:
        return True
    return catalogue.origin == ORIGIN and not is_encoded(cache, BUNDLED_CHOICE, networks)


def _build(
    cache: Path, networks: Networks, *, size: int, only: Collection[str] | None = None, progress: Progress
) -> DemoReport:
    _refuse_foreign_catalogue(cache)
    folder, embedded = demo_folder(cache), []

    def told(stage: Stage, done: int, total: int) -> None:
        progress(_STAGES[stage], done, total)

    def encode(catalogue: Catalogue) -> None:
        embedded.append(encode_catalogue(catalogue, cache, BUNDLED_CHOICE, networks, progress=told))
        if only is None:
            calibrate_catalogue(catalogue, cache, BUNDLED_CHOICE, networks, progress=partial(told, Stage.CALIBRATING))

    with ThreadPoolExecutor(1) as pool:  # the network is built in a process of its own while the shop is drawn
        network = pool.submit(networks.catalogue_encoder, BUNDLED_CHOICE)
        create_shop(folder, size=size, only=only, progress=progress)
        network.result()
    imported = import_catalogue(
        _exported(folder, only),
        cache,
        allow_shrink=True,
        origin=ORIGIN,
        progress=lambda done, total: progress("import", done, total),
        before_publishing=encode,
    )
    return DemoReport(imported, *embedded)


def _exported(folder: Path, only: Collection[str] | None) -> Path:
    """The shop's export as a CSV, of these products only; of all where None."""
    table = folder / "catalogue.csv"
    url = URL.create("sqlite", database=str(folder / "shop.sqlite"))
    export_catalogue(url.render_as_string(), read_query(folder / "export.sql"), table)
    if only is not None:
        with table.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["product_id"] in only]
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return table


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
