"""What was learned about a catalogue's good matches; `recsys/indexing/calibration.py` learns it."""

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
from recsys.search.refined.chance import LooksByChance, print_evidence
from recsys.search.refined.refined_index import RefinedIndex, RefinedOrder

_METHOD = "looks of the unlike by chance"  # when this changes, calibrations are learned again
_FEWEST_KEYPOINTS = 16
_BY_CHANCE = 0.05  # how often print, or looks, may be called a match for something the shop does not have


@dataclass(frozen=True)
class Calibration:
    """How similar products look by chance, `looks`, to photos that do not show them, for one `catalogue`.

    `looks` is None if looks decide nothing: whole pictures of another shop's goods look as similar as the shop's own.
    """

    looks: LooksByChance | None
    catalogue: int


@dataclass(frozen=True)
class CalibratedIndex:
    """A refined index that can judge its matches; it judges none if `calibration` is None."""

    index: RefinedIndex
    calibration: Calibration | None

    def evidence(self, order: RefinedOrder) -> float:
        """How strongly the photo suggests that the shop has what it shows: by print or looks, whichever is stronger.

        The logarithm of one over the number of products expected to agree as much by chance.
        """
        if not len(order.rows):
            return 0.0
        told = max(map(print_evidence, order.agreements))
        if self.calibration is not None and self.calibration.looks is not None:
            told = max(told, self.calibration.looks.evidence(float(order.likeness.max())))
        return told - log(order.num_compared)

    def is_good(self, photo: PhotoDescription, order: RefinedOrder) -> bool | None:
        """Whether the best match is likely to be what the photo shows, or of its kind; None if unknown.

        A photo without keypoints, of a wall or a hand over the lens, shows nothing that the shop could have.
        """
        if self.calibration is None:
            return None
        if len(photo.features) < _FEWEST_KEYPOINTS:
            return False
        return order.confirmed or self.evidence(order) >= -log(_BY_CHANCE)


def kept_calibration(cache: Path, backbone: Backbone, catalogue: Catalogue) -> Calibration | None:
    """The saved calibration; None if there is none, or if it belongs to another catalogue."""
    try:
        stored = json.loads(calibration_path(cache, backbone).read_bytes())
        looks = LooksByChance(**stored["looks"]) if stored["looks"] is not None else None
        calibration = Calibration(looks, stored["catalogue"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return calibration if calibration.catalogue == catalogue_number(catalogue, backbone) else None


def catalogue_number(catalogue: Catalogue, backbone: Backbone) -> int:
    """A number that changes whenever the catalogue's pictures or their descriptions do."""
    space = learned_space(backbone)
    recipe = [_METHOD, description_recipe(backbone), str(space and space.number)]
    placeholders = [f"without {key}" for key in catalogue.placeholder_keys]
    return zlib.crc32("\n".join([*recipe, *catalogue.image_keys, *placeholders]).encode())


def calibration_path(cache: Path, backbone: Backbone) -> Path:
    """The path of a backbone's calibration in a data home."""
    return vectors_folder(cache, backbone) / "calibration.json"
