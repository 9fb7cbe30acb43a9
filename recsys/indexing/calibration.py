"""Calibration: how similar products look to photos that do not show them, learned without labelled photos.

The catalogue's own packshots are staged as phone photos; the less similar half of the catalogue, which a photo does not
show, provides the examples. Looks by different backbones or in different catalogues cannot be compared, so each gets
its own calibration; print needs none (`recsys/search/refined/chance.py`).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache as remembered
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.features.describing import describe_photo
from embeddings.files import atomic_write
from embeddings.imaging.framing import FRAMED, middle
from embeddings.imaging.photos import RGB, resize_square
from embeddings.imaging.staging import staged_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.packshots import kept_packshot
from recsys.catalogue.products import Catalogue, images_of
from recsys.search.refined.calibration import Calibration, calibration_path, catalogue_number, kept_calibration
from recsys.search.refined.chance import looks_by_chance
from recsys.search.refined.kept_descriptions import fitting_descriptions
from recsys.search.refined.print_index import PrintIndex, kept_print
from recsys.search.refined.refined_index import RefinedIndex

FEWEST = 12
"""A catalogue with fewer products has no meaningful less similar half: its matches are not judged."""

_NUM_STAGED = 64
_TILE, ACROSS = 140, 3


def calibrate(
    index: RefinedIndex,
    catalogue: Catalogue,
    read: Callable[[str], RGB],
    backbone: Backbone,
    networks: Networks,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Calibration | None:
    """Stage some packshots, which `read` gives by key, and measure their similarity to products they do not show.

    None for a catalogue of fewer than `FEWEST` products with their own picture: placeholders, shared by many, are
    neither staged nor compared. The same catalogue gives the same result. Raises what `read`, `Networks.encoder`,
    `describe_photo` and `RefinedIndex.read` raise.
    """
    if len(index.own_picture_rows) < FEWEST:
        return None
    number = catalogue_number(catalogue, backbone)
    if not backbone.has_patches:
        return Calibration(None, number)
    encoder, image_keys, random = networks.encoder(backbone), catalogue.image_keys, np.random.default_rng(0)
    shown = np.array(image_keys)[index.own_picture_rows]
    first_shown = np.sort(np.unique(shown, return_index=True)[1])  # variants may share a picture
    different = index.own_picture_rows[first_shown]
    rows = different[np.linspace(0, len(different) - 1, _NUM_STAGED).astype(np.int64)]  # of few, each several times
    tile_of = remembered(lambda key: tile(read(key)))  # a small catalogue's are needed again and again
    best = []
    for done, row in enumerate(rows, start=1):
        unlike = index.less_similar_half(int(row))
        others = random.choice(index.own_picture_rows[~unlike[index.own_picture_rows]], 2 * ACROSS)
        around = tile_packshots([tile_of(image_keys[other]) for other in others])
        photo = describe_photo(middle(staged_photo(read(image_keys[row]), around, random), FRAMED), encoder)
        nearest, _ = index.candidates(photo, allowed=unlike)
        best.append(float(index.likeness(photo, index.read(nearest)).max()))
        progress(done, len(rows))
    looks = looks_by_chance(np.array(best), len(index.own_picture_rows) - len(index.own_picture_rows) // 2)
    return Calibration(looks, number)


def calibrate_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Calibrate the catalogue's descriptions by a backbone, unless that has been done.

    Raises WeightsError, NetworkError, VectorsError, or LostPictureError if a stored picture is lost.
    """
    if kept_calibration(cache, backbone, catalogue) is not None:
        return
    descriptions = fitting_descriptions(cache, backbone, catalogue, networks.identity(backbone))
    images = images_of(cache)
    calibration = calibrate(
        RefinedIndex(
            [descriptions],
            PrintIndex([part]) if (part := kept_print(cache, catalogue)) else None,
            np.array(catalogue.own_picture, np.bool_),
        ),
        catalogue,
        lambda key: kept_packshot(images, key),
        backbone,
        networks,
        progress=progress,
    )
    if calibration is not None:
        with atomic_write(calibration_path(cache, backbone), sync=False) as file:
            file.write(json.dumps(asdict(calibration)).encode())


def tile(packshot: RGB) -> RGB:
    """A packshot as part of a background, 140 pixels square."""
    return resize_square(packshot, _TILE)


def tile_packshots(tiles: Sequence[RGB]) -> NDArray[np.uint8]:
    """Put tiles, twice ACROSS, together in two rows, as a background."""
    return np.vstack([np.hstack(tiles[:ACROSS]), np.hstack(tiles[ACROSS:])])
