"""One import at a time per machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from embeddings.files import remove_unfinished
from recsys.catalogue.products import catalogue_path
from recsys.errors import CatalogueError


@contextmanager
def only_import(cache: Path) -> Iterator[None]:
    """Lock the catalogue below `cache` against changes by others while the block runs.

    Raises CatalogueError if it is locked.
    """
    cache.mkdir(parents=True, exist_ok=True)
    lock = FileLock(cache / ".import.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CatalogueError(
            f"Expected no other import, but one is writing to {cache}: wait until it is done."
        ) from None
    try:
        remove_unfinished(catalogue_path(cache))
        yield
    finally:
        lock.release()
