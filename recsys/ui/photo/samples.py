"""The demo shop's sample photos; a real shop has none."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from embeddings.imaging.photos import decode_photo, encode_jpeg

_THUMBNAIL_SIDE = 320


@dataclass(frozen=True)
class Sample:
    """A photo to try the search with, of the product `product_id`."""

    path: Path
    title: str
    product_id: str


def load_samples(cache: Path) -> tuple[Sample, ...]:
    """The samples below `cache`, in order; none if there are none or the list is damaged."""
    folder = cache / "demo" / "samples"
    try:
        entries = json.loads((folder / "samples.json").read_bytes())
        samples = [Sample(folder / Path(row["photo"]).name, row["title"], row["product_id"]) for row in entries]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(sample for sample in samples if sample.path.is_file())


@lru_cache(maxsize=64)
def sample_thumbnail(path: Path) -> bytes:
    """A sample as a small JPEG. Raises OSError or PhotoError."""
    return encode_jpeg(decode_photo(path.read_bytes(), max_side=_THUMBNAIL_SIDE), quality=85)
