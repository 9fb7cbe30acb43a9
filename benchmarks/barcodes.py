"""Barcodes on photos of the demo's packs: the share that is read, and the CPU milliseconds per photo."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from statistics import median, quantiles
from time import process_time

import cv2
import numpy as np
from PIL import Image, ImageFilter

from benchmarks.timing import Verdict, at_least, at_most
from embeddings.imaging.photos import RGB, decode_photo, shrink_within
from recsys.demo import STUDY_SIZE
from recsys.demo.assortment import Item, assortment
from recsys.demo.scenes import GROUPS, ROOMY_PACKS, Shot
from recsys.search.barcodes import read_barcodes

NUM_PACKS = 60
Change = Callable[[RGB], RGB]


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    roomy = [item for item in assortment(STUDY_SIZE, 2023) if item.line.pack in ROOMY_PACKS]
    items = roomy[:: STUDY_SIZE // NUM_PACKS // 3][:NUM_PACKS]
    gtins = [item.gtin for item in items]
    backs = {group: _photos(items, group, is_back=True) for group in GROUPS}
    fronts = _photos(items, "clear", is_back=False)
    clear = backs["clear"]
    yield at_least(90, "%").line("read of clear photos", _share(gtins, map(_numbers, clear)))
    for group in GROUPS[1:]:
        yield f"read of {group} ones: {_share(gtins, map(_numbers, backs[group])):.0f}%"
    for what, change in _changes():
        yield f"read of clear ones, {what}: {_share(gtins, (_numbers(change(photo)) for photo in clear)):.0f}%"

    photos = [photo for group in GROUPS for photo in backs[group]]
    numbers, wanted = [*map(_numbers, photos)], gtins * len(GROUPS)
    detector = cv2.barcode.BarcodeDetector()
    theirs = _share(wanted, ({detector.detectAndDecode(photo[..., ::-1])[0]} for photo in photos))
    yield f"read of all groups: {_share(wanted, numbers):.0f}%; by OpenCV's detector {theirs:.0f}%"
    wrong = sum(bool(read - {gtin}) for gtin, read in zip(wanted, numbers, strict=True))
    without = sum(bool(_numbers(photo)) for photo in fronts)
    yield f"read with a wrong number: {wrong} of {len(photos)} backs, {without} of {len(fronts)} fronts"
    yield f"a photo with a code, median: {median(map(_milliseconds, clear)):.1f} ms of CPU"
    times = [*map(_milliseconds, fronts)]
    yield at_most(15, "ms").line("a photo without a code, median of CPU", median(times))
    yield at_most(25, "ms").line("a photo without a code, 95% within", quantiles(times, n=20)[-1])


def _photos(items: Sequence[Item], group: str, *, is_back: bool) -> list[RGB]:
    """A photo of each pack, 720x960."""
    shots = [Shot(item, tuple(items[:2]), group, f"barcode {item.product_id}", is_back=is_back) for item in items]
    return [decode_photo(shot.jpeg()) for shot in shots]


def _changes() -> Iterator[tuple[str, Change]]:
    for angle in (15, 30, 45, 60, 90, 180):
        yield f"turned by {angle} degrees", partial(_turned, angle=angle)
    for side in (900, 640, 480):
        yield f"shrunk to {side} pixels", partial(shrink_within, side=side)
    for radius in (1, 2, 3):
        yield f"blurred by {radius} pixels", partial(_blurred, radius=radius)


def _turned(photo: RGB, angle: float) -> RGB:
    return np.asarray(Image.fromarray(photo).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="gray"))


def _blurred(photo: RGB, radius: float) -> RGB:
    return np.asarray(Image.fromarray(photo).filter(ImageFilter.GaussianBlur(radius)))


def _numbers(photo: RGB) -> set[str]:
    return {code.gtin for code in read_barcodes(photo)}


def _share(wanted: Sequence[str], read: Iterable[set[str]]) -> float:
    """The share of photos on which the number was read, in percent."""
    return 100 * float(np.mean([gtin in numbers for gtin, numbers in zip(wanted, read, strict=True)]))


def _milliseconds(photo: RGB) -> float:
    started = process_time()
    read_barcodes(photo)
    return 1000 * (process_time() - started)
