"""From `catalogue.csv` to a catalogue with checked pictures, and a report of every row."""

import errno
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from embeddings.files import atomic_write
from recsys.catalogue.fetching import FetchOutcome, fetch, is_web_address, stored_address
from recsys.catalogue.image_downloads import DownloadLimits
from recsys.catalogue.image_store import is_kept, remove_unused
from recsys.catalogue.import_lock import only_import
from recsys.catalogue.journal import ImportJournal
from recsys.catalogue.products import (
    Catalogue,
    ImageSource,
    Product,
    catalogue_json,
    catalogue_path,
    images_of,
    load_catalogue,
    maker_mark,
)
from recsys.catalogue.report import WHOLE_FILE, ImportRefusedError, ImportReport, SkippedRow
from recsys.catalogue.rows import CheckedRows, Row, read_rows
from recsys.errors import CatalogueError
from recsys.settings import shared_address

DEFAULT_LIMITS = DownloadLimits()
_NUM_TOLD = 5


def import_catalogue(  # noqa: PLR0913  # before_publishing: nobody sees an unsearchable catalogue
    csv_path: Path,
    cache: Path,
    *,
    allow_shrink: bool = False,
    origin: str = "",
    limits: DownloadLimits = DEFAULT_LIMITS,
    progress: Callable[[int, int], None] | None = None,
    before_publishing: Callable[[Catalogue], None] = lambda catalogue: None,
) -> ImportReport:
    """Import a CSV with its pictures into the catalogue below `cache`, replacing it at the end.

    `progress` is called with the number of finished pictures and their total. A picture is fetched once per address;
    one imported before is fetched again only if its address or file changed, or if its server, given the earlier ETag
    or date, says that it did. An interrupted import leaves the old catalogue; the next one continues with the pictures
    it had. `before_publishing` is called with the new catalogue, whose pictures are stored by then, while everybody
    still sees the old one.

    Raises ImportRefusedError, with the report, if no row is usable or more than half of the catalogue would be removed,
    unless `allow_shrink`; CatalogueError if the CSV cannot be read, another import is running, or the catalogue cannot
    be written.
    """
    checked = read_rows(csv_path)
    try:
        with only_import(cache), ImportJournal(cache / "import.journal") as journal:
            return _Import(csv_path.parent, cache, journal).run(
                checked,
                allow_shrink=allow_shrink,
                origin=origin,
                limits=limits,
                progress=progress,
                before_publishing=before_publishing,
            )
    except OSError as error:
        remedy = "free some space" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "make it writable"
        raise CatalogueError(
            f"Expected to write the catalogue in {cache}, got: {error.strerror or error}; the old one is intact: "
            f"{remedy} and import again, it continues where it stopped."
        ) from error


class _Import:
    def __init__(self, folder: Path, cache: Path, journal: ImportJournal) -> None:
        self.folder = folder
        self.cache = cache
        self.images = images_of(cache)
        self.journal = journal
        self.previous = _previous(cache)

    def run(
        self,
        checked: CheckedRows,
        *,
        allow_shrink: bool,
        origin: str,
        limits: DownloadLimits,
        progress: Callable[[int, int], None] | None,
        before_publishing: Callable[[Catalogue], None],
    ) -> ImportReport:
        outcomes = {}
        image_urls = tuple(dict.fromkeys(row.image_url for row in checked.rows))
        with closing(self._outcomes(image_urls, limits)) as settled:
            for outcome in settled:
                outcomes[outcome.image_url] = outcome
                if progress:
                    progress(len(outcomes), len(image_urls))
        catalogue, report = self._assembled(checked, outcomes, origin)
        if not allow_shrink:
            _refuse_harm(self.previous, catalogue, report)
        before_publishing(catalogue)
        self._publish(catalogue)
        return report

    def _outcomes(self, image_urls: Sequence[str], limits: DownloadLimits) -> Generator[FetchOutcome, None, None]:
        known = self._known()
        unsettled = []
        for image_url in image_urls:
            source = known.get(stored_address(image_url))
            if source and is_web_address(image_url) and self._needs_no_question(source):
                yield FetchOutcome(image_url, source)
            else:
                unsettled.append(image_url)
        with closing(fetch(unsettled, known, self.folder, self.images, limits)) as outcomes:
            for outcome in outcomes:
                if outcome.source:
                    self.journal.add(outcome.source)
                yield outcome

    def _known(self) -> dict[str, ImageSource]:
        """The sources of stored pictures, by address; the journal is newer than the catalogue."""
        sources = {source.image_url: source for source in self.previous.sources.values()} | self.journal.fetched
        return {image_url: source for image_url, source in sources.items() if is_kept(self.images, source.image_key)}

    def _needs_no_question(self, source: ImageSource) -> bool:
        return source.image_url in self.journal.fetched or not (source.etag or source.last_modified)

    def _assembled(
        self, checked: CheckedRows, outcomes: dict[str, FetchOutcome], origin: str
    ) -> tuple[Catalogue, ImportReport]:
        products: list[Product] = []
        sources: dict[str, ImageSource] = {}
        skipped, kept = list(checked.skipped), []
        unchanged = 0
        for row in checked.rows:
            product_id = row.product.product_id
            outcome = outcomes[row.image_url]
            source = outcome.source or self._kept_source(product_id)
            if source is None:
                skipped.append(SkippedRow(product_id, outcome.reason))
                continue
            products.append(replace(row.product, image_key=source.image_key))
            sources[product_id] = source
            if outcome.source is None:
                kept.append(SkippedRow(product_id, outcome.reason))
            else:
                unchanged += self._is_unchanged(products[-1], row)
        catalogue = Catalogue(tuple(products), sources, origin)
        report = ImportReport(
            imported=len(products) - unchanged - len(kept),
            unchanged=unchanged,
            kept=len(kept),
            removed=len(self.previous.by_id.keys() - sources.keys()),
            skipped=tuple(skipped),
            kept_rows=tuple(kept),
            notes=tuple(note for note in checked.notes if note.product_id in sources or note.product_id == WHOLE_FILE)
            + _placeholder_note(catalogue),
        )
        return catalogue, report

    def _kept_source(self, product_id: str) -> ImageSource | None:
        source = self.previous.sources.get(product_id)
        return source if source and is_kept(self.images, source.image_key) else None

    def _is_unchanged(self, product: Product, row: Row) -> bool:
        before = self.previous.sources.get(product.product_id)
        return (
            self.previous.by_id.get(product.product_id) == product
            and before is not None
            and before.image_url == stored_address(row.image_url)
        )

    def _publish(self, catalogue: Catalogue) -> None:
        if shared_address(self.cache):
            maker_mark(self.cache).touch()
        if catalogue != self.previous or not catalogue_path(self.cache).exists():
            with atomic_write(catalogue_path(self.cache)) as file:
                file.write(catalogue_json(catalogue).encode())
        self.journal.remove()
        if catalogue.image_keys != self.previous.image_keys:
            # The app may show the previous catalogue until its next rerun.
            remove_unused(self.images, {*catalogue.image_keys, *self.previous.image_keys})


def _placeholder_note(catalogue: Catalogue) -> tuple[SkippedRow, ...]:
    """One note about all pictures that count as placeholders because so many products share them."""
    counts = catalogue.placeholder_keys
    if not counts:
        return ()
    addresses = {source.image_key: source.image_url for source in reversed(catalogue.sources.values())}
    told = ", ".join(f"{addresses[key][:120]} ({count:,} products)" for key, count in list(counts.items())[:_NUM_TOLD])
    more = f" and {len(counts) - _NUM_TOLD:,} more" if len(counts) > _NUM_TOLD else ""
    return (
        SkippedRow(
            WHOLE_FILE,
            f"{sum(counts.values()):,} products share pictures with many others, as placeholders do: {told}{more}. "
            "No match is judged by these: give each product its own picture.",
        ),
    )


def leave_out_lost(cache: Path) -> tuple[Product, ...]:
    """Remove the products whose stored picture is lost or damaged from the catalogue, and return them.

    The next import fetches their pictures again. Raises CatalogueError if an import is running.
    """
    images = images_of(cache)
    catalogue = load_catalogue(cache)
    lost = tuple(product for product in catalogue.products if not is_kept(images, product.image_key))
    if lost and len(lost) < len(catalogue.products):
        kept = tuple(product for product in catalogue.products if product not in set(lost))
        sources = {product.product_id: catalogue.sources[product.product_id] for product in kept}
        with only_import(cache), atomic_write(catalogue_path(cache)) as file:
            file.write(catalogue_json(replace(catalogue, products=kept, sources=sources)).encode())
        return lost
    return ()


def _previous(cache: Path) -> Catalogue:
    try:
        return load_catalogue(cache)
    except CatalogueError:  # none yet, or a damaged one, which this import replaces
        return Catalogue(products=())


def _refuse_harm(previous: Catalogue, catalogue: Catalogue, report: ImportReport) -> None:
    reasons = _most_frequent(report.skipped)
    if not catalogue.products:
        raise ImportRefusedError(
            f"Expected at least one usable row, got none ({len(report.skipped)} skipped{reasons}): correct the CSV. "
            "Nothing was changed; --allow-shrink would empty the catalogue.",
            report,
        )
    if report.removed * 2 > len(previous.products):
        raise ImportRefusedError(
            f"Expected most products to stay, this import would remove {report.removed} of "
            f"{len(previous.products)} and leave {len(catalogue.products)} ({len(report.skipped)} rows "
            f"skipped{reasons}). Nothing was changed: check the CSV, or pass --allow-shrink.",
            report,
        )


def _most_frequent(rows: Iterable[SkippedRow]) -> str:
    reasons = [row.reason for row in rows]
    return f"; most often: {max(reasons, key=reasons.count)}" if reasons else ""
