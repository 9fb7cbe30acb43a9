"""What an import has fetched so far, so that a killed import continues where it stopped."""

import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from recsys.catalogue.products import ImageSource


class ImportJournal:
    """An append-only file of JSON lines; `fetched` is its content when it was opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fetched = _read(path)
        self._file = path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, source: ImageSource) -> None:
        """Add a picture whose files are stored."""
        # The newline comes first, since a kill may have truncated the line before.
        self._file.write(b"\n" + json.dumps(asdict(source)).encode())
        self._file.flush()

    def remove(self) -> None:
        """Delete the file: everything in it is in the catalogue now."""
        self.path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, ImageSource]:
    fetched = {}
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        try:
            source = ImageSource(**json.loads(line))
        except (ValueError, TypeError):  # an empty line, or one truncated by a kill
            continue
        fetched[source.image_url] = source
    return fetched
