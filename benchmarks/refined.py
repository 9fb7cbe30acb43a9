"""A refined query over the demo's 5,256 products, encoding included, with the time of each stage."""

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from time import perf_counter
from typing import TypeVar

from benchmarks.timing import Verdict, at_most
from embeddings.features.describing import (
    PHOTO_CONTRAST,
    PHOTO_KEYPOINTS,
    PHOTO_SIDE,
    describable,
    describe_photo,
    frames_of,
)
from embeddings.features.descriptions import features_in
from embeddings.imaging.framing import FRAMED, middle
from embeddings.imaging.local_features import detect
from embeddings.imaging.photos import RGB, read_photo
from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.models.runtime import Encoder
from recsys.demo.growth import demo_folder
from recsys.evaluation.labelled_photos import read_queries
from recsys.search.rankings import REFINED
from recsys.search.recommender import Recommender
from recsys.search.refined.closer_look import refined_index
from recsys.search.refined.geometry import verify
from recsys.search.refined.refined_index import RefinedIndex, most_promising
from recsys.settings import load_settings

NUM_PHOTOS = 60
WARM_UP = 5
T = TypeVar("T")


class Stages:
    """The duration of each stage, photo by photo."""

    def __init__(self) -> None:
        self._milliseconds: dict[str, list[float]] = {}

    def timed(self, name: str, work: Callable[[], T]) -> T:
        """Do the work of a stage and record its duration."""
        started = perf_counter()
        result = work()
        self._milliseconds.setdefault(name, []).append((perf_counter() - started) * 1000)
        return result

    def median(self, name: str) -> float:
        """The median in milliseconds, without the warm-up photos."""
        return median(self._milliseconds[name][WARM_UP:])

    def names(self) -> list[str]:
        """The stages in the order in which they were first timed."""
        return list(self._milliseconds)


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report. Raises CatalogueError if the home (RECSYS_HOME) has no demo shop."""
    settings = load_settings()
    recommender = Recommender(settings)
    queries = read_queries(demo_folder(settings.cache) / "queries.csv")[: NUM_PHOTOS + WARM_UP]
    photos = [read_photo(query.photo) for query in queries]
    whole, parts = Stages(), Stages()
    for photo in photos:
        whole.timed("all", partial(_search, recommender, photo, whole))
    encoder = recommender.networks.encoder(BUNDLED_CHOICE)
    index = refined_index(recommender.gallery, BUNDLED_CHOICE, encoder.identity)
    for photo in photos:
        _stages(encoder, index, photo, parts)
    yield f"a query, one after the other: {_listed(whole, ['encode and describe', 'search'])}"
    yield f"its stages, each alone: {_listed(parts, parts.names())}"
    products = len(recommender.catalogue.products)
    yield at_most(75, "ms").line(f"refined query over {products:,} products, median", whole.median("all"))


def _search(recommender: Recommender, photo: RGB, stages: Stages) -> None:
    query = stages.timed("encode and describe", lambda: recommender.encode(photo, BUNDLED_CHOICE, rankings=[REFINED]))
    stages.timed("search", lambda: recommender.search(query, ranking=REFINED))


def _stages(encoder: Encoder, index: RefinedIndex, photo: RGB, stages: Stages) -> None:
    prepared = stages.timed("the study's resizing", lambda: encoder.prepare(photo))
    stages.timed("its vector", lambda: encoder.encode([prepared]))
    framed, side = middle(photo, FRAMED), encoder.backbone.input_side
    frames = stages.timed("frames", lambda: frames_of(describable(framed, side), side))
    stages.timed("vectors and patches", lambda: encoder.describe(frames))
    stages.timed(
        "keypoints (during the frames)",
        lambda: detect(framed, side=PHOTO_SIDE, most=PHOTO_KEYPOINTS, contrast=PHOTO_CONTRAST),
    )
    description = describe_photo(framed, encoder)
    rows, by_print = stages.timed("candidates", lambda: index.candidates(description))
    records = stages.timed("reading them", lambda: index.read(rows))
    likeness = stages.timed("late interaction", lambda: index.likeness(description, records))
    best = records[most_promising(likeness, by_print)]
    stages.timed("geometry", lambda: verify(description.features, [features_in(record) for record in best]))


def _listed(stages: Stages, names: list[str]) -> str:
    return ", ".join(f"{name} {stages.median(name):.1f} ms" for name in names)
