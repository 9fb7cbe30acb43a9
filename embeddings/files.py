"""Files that are written all or nothing."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

_BLOCK = 1 << 20


@contextmanager
def atomic_write(path: Path, *, sync: bool = True) -> Iterator[IO[bytes]]:
    """Open a temporary file next to `path` that replaces it if the block ends without an error.

    Readers see the old content or the new, never a part. With `sync` the content is on disk before the name is; without
    it, a power cut (but not a killed process) can leave a damaged file: good enough for many small files that can be
    made again. OSError passes through; the temporary file is removed in any case, unless the process is killed.
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
    """Remove what killed writers of `path` left; the caller must keep all others from writing it."""
    for temporary in path.parent.glob(f".{path.name}.*.part"):
        temporary.unlink(missing_ok=True)


def file_checksum(path: Path) -> int | None:
    """A file's CRC-32, read block by block; None if there is no such file."""
    checksum = 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                checksum = zlib.crc32(block, checksum)
    except FileNotFoundError:
        return None
    return checksum
