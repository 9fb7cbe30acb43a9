"""Calibration: from where on a best match is a good one in this catalogue, learned without any labelled photo.

The catalogue's own packshots are staged as phone photos. What the photo's product and its like are worth is one
side; what the less similar half of the catalogue is worth for the same photos is the other: products of which the
photo shows none, half as many as there are. Scores of other backbones and catalogues do not compare, so each has
its own.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.features.describing import describe_photo
from embeddings.files import atomic_write
from embeddings.imaging.framing import FRAMED, middle
from embeddings.imaging.photos import RGB, resize_square
from embeddings.imaging.staging import staged_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.packshots import kept_packshot
from recsys.catalogue.products import Catalogue, images_of
from recsys.search.refined.calibration import Calibration, calibration_path, catalogue_number, kept_calibration
from recsys.search.refined.kept_descriptions import fitting_descriptions
from recsys.search.refined.print_index import PrintIndex, kept_print
from recsys.search.refined.refined_index import RefinedIndex

FEWEST = 12
"""A catalogue of fewer products has no less similar half to speak of: nothing is said of its matches."""

_NUM_STAGED = 64
_TILE, ACROSS = 140, 3
_TOLD_APART = 0.95  # of photos of what the shop does not have: so many are not called a match
_LOW = 0.05  # of the good side: so many of the staged photos may be called unlike


def calibrate(
    index: RefinedIndex,
    catalogue: Catalogue,
    read: Callable[[str], RGB],
    encoder: Encoder,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Calibration | None:
    """Stage some packshots, which `read` gives by their key, and see what tells good matches from others.

    None for a catalogue of fewer than `FEWEST` products with a picture of their own: placeholders, which many share,
    are neither staged nor compared. The same catalogue gives the same result. Raises what
    `read`, `describe_photo` and `RefinedIndex.order` raise.
    """
    if len(index.telling) < FEWEST:
        return None
    image_keys, random = catalogue.image_keys, np.random.default_rng(0)
    shown = np.array(image_keys)[index.telling]
    different = index.telling[np.sort(np.unique(shown, return_index=True)[1])]  # variants may share a picture
    rows = different[np.unique(np.linspace(0, len(different) - 1, _NUM_STAGED).astype(np.int64))]
    good, unlike = [], []
    for done, row in enumerate(rows, start=1):
        others = random.choice(index.telling, 2 * ACROSS)
        around = tile_packshots([read(image_keys[other]) for other in others])
        photo = staged_photo(read(image_keys[row]), around, random)
        described = describe_photo(middle(photo, FRAMED), encoder)
        good.append(index.order(described).evidence)
        not_shown = index.less_similar_half(int(row))
        not_shown[others] = False  # their print is in the photo
        unlike.append(index.order(described, allowed=not_shown).evidence)
        progress(done, len(rows))
    good_from = min(best_of_more(np.array(unlike), 2, _TOLD_APART), float(np.quantile(good, _LOW)))
    return Calibration(good_from, catalogue_number(catalogue, encoder.backbone))


def best_of_more(best: NDArray[np.float64], times: float, share: float) -> float:
    """What the best of `times` as many products stays below for a `share` of photos, given the `best` for some, (n,).

    Chance agreement grows with the number of products that could agree: the best of many has a Gumbel distribution,
    here fitted by its moments, which moves by its scale times log(`times`).
    """
    scale = float(np.std(best)) * np.sqrt(6) / np.pi
    location = float(np.mean(best)) - np.euler_gamma * scale
    return float(location + scale * (np.log(times) - np.log(-np.log(share))))


def calibrate_catalogue(
    catalogue: Catalogue,
    cache: Path,
    backbone: Backbone,
    networks: Networks,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Calibrate the catalogue's descriptions by a backbone, unless that is done already.

    Raises WeightsError, NetworkError, VectorsError, or LostPictureError when a kept picture is.
    """
    if kept_calibration(cache, backbone, catalogue) is not None:
        return
    descriptions = fitting_descriptions(cache, backbone, catalogue, networks.identity(backbone))
    images = images_of(cache)
    calibration = calibrate(
        RefinedIndex(
            [descriptions],
            PrintIndex([part]) if (part := kept_print(cache, catalogue)) else None,
            np.array(catalogue.tells, np.bool_),
        ),
        catalogue,
        lambda key: kept_packshot(images, key),
        networks.encoder(backbone),
        progress=progress,
    )
    if calibration is not None:
        with atomic_write(calibration_path(cache, backbone), sync=False) as file:
            file.write(json.dumps(asdict(calibration)).encode())


def tile_packshots(packshots: Sequence[RGB]) -> NDArray[np.uint8]:
    """Packshots, twice ACROSS, in two rows, as surroundings."""
    tiles = [resize_square(packshot, _TILE) for packshot in packshots]
    return np.vstack([np.hstack(tiles[:ACROSS]), np.hstack(tiles[ACROSS:])])
