"""What was learned of a catalogue's good matches, `recsys/indexing/calibration.py` being what learns it."""

import json
import zlib
from dataclasses import dataclass
from math import log
from pathlib import Path

from embeddings.features.describing import PhotoDescription, description_recipe
from embeddings.features.patch_space import learned_space
from embeddings.models.backbones import Backbone
from recsys.catalogue.products import Catalogue
from recsys.search.kept_vectors import vectors_folder
from recsys.search.refined.chance import LooksByChance, told_by_print
from recsys.search.refined.refined_index import RefinedIndex, RefinedOrder

_METHOD = "looks of the unlike by chance"  # what was learned otherwise is learned again
_FEWEST_KEYPOINTS = 16
_BY_CHANCE = 0.05  # of what the shop does not have: so often print, or looks, may be taken for a match


@dataclass(frozen=True)
class Calibration:
    """How alike what a photo does not show `looks` by chance; `catalogue` is what that was learned of.

    None where looks tell nothing: whole pictures of another shop's goods look as much alike as those of its own.
    """

    looks: LooksByChance | None
    catalogue: int


@dataclass(frozen=True)
class CalibratedIndex:
    """A refined index with what is known of its good matches; nothing where `calibration` is None."""

    index: RefinedIndex
    calibration: Calibration | None

    def evidence(self, order: RefinedOrder) -> float:
        """How much speaks for the shop's having what the photo shows: its print or its looks, whichever says more.

        The logarithm of one over the number of products of which as much is expected by chance.
        """
        if not len(order.rows):
            return 0.0
        told = max(map(told_by_print, order.agreements))
        if self.calibration is not None and self.calibration.looks is not None:
            told = max(told, self.calibration.looks.told(float(order.likeness.max())))
        return told - log(order.num_compared)

    def is_good(self, photo: PhotoDescription, order: RefinedOrder) -> bool | None:
        """Whether the best match is likely to be what the photo shows, or of its kind; None where that is not known.

        A photo without keypoints, of a wall or a hand before the lens, shows nothing that the shop could have.
        """
        if self.calibration is None:
            return None
        if len(photo.features) < _FEWEST_KEYPOINTS:
            return False
        return order.confirmed or self.evidence(order) >= -log(_BY_CHANCE)


def kept_calibration(cache: Path, backbone: Backbone, catalogue: Catalogue) -> Calibration | None:
    """What was learned; None where it did not yet, or for another catalogue."""
    try:
        stored = json.loads(calibration_path(cache, backbone).read_bytes())
        looks = LooksByChance(**stored["looks"]) if stored["looks"] is not None else None
        calibration = Calibration(looks, stored["catalogue"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return calibration if calibration.catalogue == catalogue_number(catalogue, backbone) else None


def catalogue_number(catalogue: Catalogue, backbone: Backbone) -> int:
    """A number that changes whenever a catalogue's pictures do, or how they are described."""
    space = learned_space(backbone)
    recipe = [_METHOD, description_recipe(backbone), str(space and space.number)]
    placeholders = [f"without {key}" for key in catalogue.placeholder_keys]
    return zlib.crc32("\n".join([*recipe, *catalogue.image_keys, *placeholders]).encode())


def calibration_path(cache: Path, backbone: Backbone) -> Path:
    """Where a backbone's calibration of a data home is."""
    return vectors_folder(cache, backbone) / "calibration.json"
