"""What was learned of a catalogue's good matches, `recsys/indexing/calibration.py` being what learns it."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path

from embeddings.features.describing import PhotoDescription, description_recipe
from embeddings.features.patch_space import learned_space
from embeddings.models.backbones import Backbone
from recsys.catalogue.products import Catalogue
from recsys.search.kept_vectors import vectors_folder
from recsys.search.refined.refined_index import RefinedIndex, RefinedOrder

_METHOD = (
    "best of the unlike, without what is around, candidates by print"  # what was learned otherwise is learned again
)
_FEWEST_KEYPOINTS = 16


@dataclass(frozen=True)
class Calibration:
    """`good_from` is the evidence that a best match needs to be called good; `catalogue` is what it was learned of."""

    good_from: float
    catalogue: int


@dataclass(frozen=True)
class CalibratedIndex:
    """A refined index with what is known of its good matches; nothing where `calibration` is None."""

    index: RefinedIndex
    calibration: Calibration | None

    def is_good(self, photo: PhotoDescription, order: RefinedOrder) -> bool | None:
        """Whether the best match is likely to be what the photo shows, or of its kind; None where that is not known.

        A photo without keypoints, of a wall or a hand before the lens, shows nothing that the shop could have.
        """
        if self.calibration is None:
            return None
        if len(photo.features) < _FEWEST_KEYPOINTS:
            return False
        return order.confirmed or order.evidence >= self.calibration.good_from


def kept_calibration(cache: Path, backbone: Backbone, catalogue: Catalogue) -> Calibration | None:
    """What was learned; None where it did not yet, or for another catalogue."""
    try:
        stored = Calibration(**json.loads(calibration_path(cache, backbone).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return stored if stored.catalogue == catalogue_number(catalogue, backbone) else None


def catalogue_number(catalogue: Catalogue, backbone: Backbone) -> int:
    """A number that changes whenever a catalogue's pictures do, or how they are described."""
    space = learned_space(backbone)
    looks = str(space and space.number) if backbone.has_patches else "a quarter of the cosine"
    recipe = [_METHOD, description_recipe(backbone), looks]
    placeholders = [f"without {key}" for key in catalogue.placeholder_keys]
    return zlib.crc32("\n".join([*recipe, *catalogue.image_keys, *placeholders]).encode())


def calibration_path(cache: Path, backbone: Backbone) -> Path:
    """Where a backbone's calibration of a data home is."""
    return vectors_folder(cache, backbone) / "calibration.json"
