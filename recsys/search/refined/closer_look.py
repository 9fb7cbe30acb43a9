"""The refined ranking as visitors and commands choose it: a closer look at the candidates."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import VectorsError
from embeddings.features.describing import describe_photo
from embeddings.messages import Message
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.errors import EncodeCatalogue
from recsys.search.explanation import Explanation, Size
from recsys.search.gallery import Gallery, GalleryPart, file_versions
from recsys.search.ranking import Nearest, Order, Query, Ranker, Ranking
from recsys.search.refined.calibration import CalibratedIndex, calibration_path, kept_calibration
from recsys.search.refined.kept_descriptions import descriptions_store, fitting_descriptions
from recsys.search.refined.print_index import PrintIndex, PrintPart, kept_print, print_manifest_path
from recsys.search.refined.refined_index import RefinedIndex
from recsys.search.stored import Stored

_NAME = "refined"


@dataclass(frozen=True)
class _CloserLook:
    calibrated: CalibratedIndex
    shortfall: VectorsError | None

    def order(self, query: Query, by_cosine: Nearest, *, allowed: NDArray[np.bool_] | None) -> Order:
        photo = query.content_for(_NAME)
        found = self.calibrated.index.order(photo, allowed=allowed)
        is_good = self.calibrated.is_good(photo, found)
        return Order(found.rows, self.calibrated.evidence(found), is_good, found.agreements, found.confirmed)

    def explain(self, query: Query, row: int, *, photo_size: Size, packshot_size: Size) -> Explanation:
        photo = query.content_for(_NAME)
        return self.calibrated.index.explain(photo, row, photo_size=photo_size, packshot_size=packshot_size)


def _version(part: GalleryPart, backbone: Backbone) -> Hashable:
    files = calibration_path(part.cache, backbone), print_manifest_path(part.cache)
    return part.store(descriptions_store, backbone).number(), file_versions(files)


def _read(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> Ranker:
    own, index = gallery.parts[0], refined_index(gallery, backbone, identity)
    calibration = kept_calibration(own.cache, backbone, own.catalogue)
    shortfall = None if index.has_all_candidates else _without_print(gallery, backbone)
    return _CloserLook(CalibratedIndex(index, calibration), shortfall)


def refined_index(gallery: Gallery, backbone: Backbone, identity: NetworkIdentity) -> RefinedIndex:
    """Read the ranking's stored data for a gallery. Raises VectorsError if a backbone's descriptions do not fit."""
    parts = gallery.read_parts(lambda part: fitting_descriptions(part.cache, backbone, part.catalogue, identity))
    prints = [one for one in _read_prints(gallery) if one is not None]
    return RefinedIndex(
        parts, PrintIndex(prints) if len(prints) == len(parts) else None, gallery.own_picture, gallery.packshot
    )


def _read_prints(gallery: Gallery) -> list[PrintPart | None]:
    """The print index of each part, the same for every backbone; None if a part has none that fits."""
    files = [print_manifest_path(part.cache) for part in gallery.parts]
    return gallery.read_once("print", files, lambda: [kept_print(part.cache, part.catalogue) for part in gallery.parts])


def _without_print(gallery: Gallery, backbone: Backbone) -> VectorsError:
    without = next(part for part, kept in zip(gallery.parts, _read_prints(gallery), strict=True) if kept is None)
    return VectorsError(
        f"The print on the pictures in {without.cache.parent} is not indexed, so the closer look misses some products.",
        remedies=(EncodeCatalogue(backbone.name),),
    )


REFINED = Ranking(
    _NAME,
    label=Message("Closer look"),
    summary=Message("The closer look compares pictures part by part and looks for matching print."),
    stored=Stored(_NAME, _version, _read),
    describe=describe_photo,
    can_explain=True,
)
