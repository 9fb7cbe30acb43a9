"""One import at a time on a machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from embeddings.files import remove_unfinished
from recsys.catalogue.products import catalogue_path
from recsys.errors import CatalogueError


@contextmanager
def only_import(cache: Path) -> Iterator[None]:
    """Keep everybody else from changing the catalogue below `cache` while the block runs.

    Raises CatalogueError when somebody does.
    """
    cache.mkdir(parents=True, exist_ok=True)
    lock = FileLock(cache / ".import.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CatalogueError(
            f"Expected to be the only import, another one is writing to {cache}: wait until it is done."
        ) from None
    try:
        remove_unfinished(catalogue_path(cache))
        yield
    finally:
        lock.release()
