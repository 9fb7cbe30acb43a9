"""Files at an address: in a bucket, or in a folder that several machines share. What goes wrong is OSError."""

from functools import cached_property
from typing import Any

from pyarrow import fs


class AddressedFiles:
    """The files below an address, such as `s3://bucket/shop/vectors`, each by its path from there."""

    def __init__(self, address: str) -> None:
        self._address, self._is_bucket = address, "://" in address

    @cached_property
    def _place(self) -> tuple[Any, str]:
        return fs.FileSystem.from_uri(self._address) if self._is_bucket else (fs.LocalFileSystem(), self._address)

    def found(self, folder: str) -> dict[str, list[int]]:
        """The files in a folder, which may be missing, and below it: the size of each, and its time in nanoseconds."""
        system, root = self._place
        found = system.get_file_info(fs.FileSelector(f"{root}/{folder}", allow_not_found=True, recursive=True))
        return {one.path[len(root) + 1 :]: [one.size, one.mtime_ns] for one in found if one.type == fs.FileType.File}

    def clear(self) -> None:
        """Remove all files, and the address itself."""
        system, root = self._place
        system.delete_dir(root)
