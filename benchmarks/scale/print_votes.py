"""The print index at scale: the demo's keypoints, repeated, with the lists of an equally large catalogue.

Copies add no new print, so this measures time and bytes, not what is found.
"""

from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import cpu_seconds, seconds
from embeddings.features.describing import PHOTO_CONTRAST, PHOTO_KEYPOINTS, PHOTO_SIDE
from embeddings.features.descriptions import features_in
from embeddings.imaging.framing import FRAMED, middle
from embeddings.imaging.local_features import DIM, LocalFeatures, detect, unit_descriptors
from embeddings.imaging.photos import read_photo
from embeddings.models.backbones import BUNDLED_CHOICE
from recsys.demo.growth import demo_folder
from recsys.evaluation.labelled_photos import read_queries
from recsys.indexing.print_index_building import PROBED, trained_index
from recsys.search.recommender import Recommender
from recsys.search.refined.kept_descriptions import fitting_descriptions
from recsys.search.refined.print_index import PrintIndex, PrintPart
from recsys.settings import load_settings

TIMES = (1, 10, 40)
NUM_PHOTOS = 20
SAMPLE = 1 << 20
AT_ONCE = 256
MEGABYTE = 1e6


def run() -> Iterator[str]:
    """Yield the lines of the report. Raises CatalogueError if the home (RECSYS_HOME) has no demo shop."""
    descriptors, pictures, photos = _demo()
    num_pictures = int(pictures[-1]) + 1
    for times in TIMES:
        index, built = _index(descriptors, pictures, times)
        part = PrintPart(index, np.arange(times * num_pictures), times * num_pictures)
        votes = PrintIndex([part]).votes
        taken = median(seconds(partial(votes, photo)) for photo in photos)
        worked = median(cpu_seconds(partial(votes, photo)) for photo in photos)
        yield (
            f"{len(part.pictures):>9,} products, {index.ntotal:,} keypoints in {index.nlist:,} lists: "
            f"{len(faiss.serialize_index(index)) / MEGABYTE:,.0f} MB, {built / num_pictures * 1000:.1f} ms of CPU "
            f"a product to build, votes of a photo {taken * 1000:.0f} ms, {worked * 1000:.0f} of CPU"
        )


def _demo() -> tuple[NDArray[np.uint8], NDArray[np.int64], list[LocalFeatures]]:
    """The demo's keypoints (n, 128), the picture each belongs to (n,), and the keypoints of some query photos."""
    settings = load_settings()
    recommender = Recommender(settings)
    catalogue, identity = recommender.catalogue, recommender.networks.identity(BUNDLED_CHOICE)
    kept = fitting_descriptions(settings.cache, BUNDLED_CHOICE, catalogue, identity)
    blocks = np.array_split(np.arange(len(catalogue.products)), len(catalogue.products) // AT_ONCE)
    found = [features_in(record).descriptors for block in blocks for record in kept.read(block)]
    queries = read_queries(demo_folder(settings.cache) / "queries.csv")[:NUM_PHOTOS]
    photos = [
        detect(middle(read_photo(query.photo), FRAMED), side=PHOTO_SIDE, most=PHOTO_KEYPOINTS, contrast=PHOTO_CONTRAST)
        for query in queries
    ]
    return np.concatenate(found), np.repeat(np.arange(len(found)), [len(one) for one in found]), photos


def _index(descriptors: NDArray[np.uint8], pictures: NDArray[np.int64], times: int) -> tuple[Any, float]:
    """The index of this many copies of the keypoints, and the CPU seconds of adding them once."""
    num_pictures = int(pictures[-1]) + 1
    trained = trained_index(descriptors[:: -(-len(descriptors) // SAMPLE)], times * len(descriptors))
    once: Any = faiss.IndexIVFPQ(trained.quantizer, DIM, trained.nlist, trained.pq.M, trained.pq.nbits)
    once.pq, once.by_residual, once.is_trained = trained.pq, False, True
    built = cpu_seconds(lambda: once.add_with_ids(unit_descriptors(descriptors), pictures))
    whole = faiss.clone_index(once)
    for number in range(1, times):
        copy = faiss.clone_index(once)
        whole.merge_from(copy, number * num_pictures)
    fast = faiss.IndexIVFPQFastScan(whole, 32)  # the kind that the app searches
    fast.nprobe = PROBED
    return fast, built
