"""A disk that fills up quickly."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A new file system of this `size`, such as "512k", at `folder`, which is created."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False).returncode:
        pytest.skip("mounting a small file system takes the rights of root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)
