"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4


@contextmanager
def atomic_write(path: Path, *, sync: bool = True) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` that takes its place when the block ends without an error.

    Readers see the old content or the new, never a part. With `sync` the content is on the disk
    before the name is; without it, only a power cut (not a killed process) can leave a damaged
    file: for the many small ones that can be made again. OSError passes through; the temporary
    file is removed whatever happens, short of the process being killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_unfinished(path: Path) -> None:
    """Remove what writers of `path` left that were killed; for whoever keeps all others from writing it."""
    for temporary in path.parent.glob(f".{path.name}.*.part"):
        temporary.unlink(missing_ok=True)
