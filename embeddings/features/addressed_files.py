"""Files at an address: in a bucket, or in a folder that several machines share. Failures are OSError."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from pyarrow import fs

from embeddings.features.address_refusals import refusal_of
from embeddings.files import atomic_write

_BLOCK = 1 << 22


class AddressedFiles:
    """The files below an address, such as `s3://bucket/shop/vectors`, by their paths relative to it."""

    def __init__(self, address: str) -> None:
        self._address, self._is_bucket = address, "://" in address

    @cached_property
    def _place(self) -> tuple[Any, str]:
        if not self._is_bucket:
            return fs.LocalFileSystem(), self._address
        one_request = "?allow_delayed_open=true" if self._address.startswith("s3://") else ""  # for a file, not three
        place: tuple[Any, str] = fs.FileSystem.from_uri(self._address + one_request)
        return place

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, str]]:
        """The file system, and the address' path in it. Raises AddressError for a server's refusals."""
        try:
            yield self._place
        except OSError as error:
            if refusal := refusal_of(self._address, error):
                raise refusal from None
            raise

    def found(self, folder: str) -> dict[str, list[int]]:
        """The files in a folder, which may be missing, and below it: each one's size, and its time in nanoseconds."""
        with self._opened() as (system, root):
            found = system.get_file_info(fs.FileSelector(f"{root}/{folder}", allow_not_found=True, recursive=True))
            return {
                one.path[len(root) + 1 :]: [one.size, one.mtime_ns] for one in found if one.type == fs.FileType.File
            }

    def status(self, name: str) -> list[int] | None:
        """A file's size and time, as in `found`; None if there is none."""
        with self._opened() as (system, root):
            found = system.get_file_info(f"{root}/{name}")
            return [found.size, found.mtime_ns] if found.type == fs.FileType.File else None

    def read(self, name: str) -> bytes:
        """The content of a file."""
        with self._opened() as (system, root), system.open_input_stream(f"{root}/{name}") as source:
            content: bytes = source.read()
            return content

    def fetch(self, name: str, path: Path) -> None:
        """Copy a file from the address to a local path."""
        with (
            self._opened() as (system, root),
            system.open_input_stream(f"{root}/{name}") as source,
            atomic_write(path, sync=False) as target,
        ):
            shutil.copyfileobj(source, target, _BLOCK)

    def send(self, source: IO[bytes], name: str) -> None:
        """Write a file at the address, where it appears all or nothing."""
        with self._opened() as (system, root):
            whole = f"{root}/{name}"
            written = whole if self._is_bucket else f"{whole}.part"
            if not self._is_bucket:
                system.create_dir(whole.rpartition("/")[0], recursive=True)
            with system.open_output_stream(written) as target:
                shutil.copyfileobj(source, target, _BLOCK)
            if written != whole:
                system.move(written, whole)

    def remove(self, name: str) -> None:
        """Remove a file, unless it is already gone."""
        with self._opened() as (system, root), suppress(FileNotFoundError):
            system.delete_file(f"{root}/{name}")

    def clear(self) -> None:
        """Remove all files, and the address itself."""
        with self._opened() as (system, root):
            system.delete_dir(root)
