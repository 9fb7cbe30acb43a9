"""A refined query over the demo's 5,256 products, encoding included, with the time of each stage."""

from collections.abc import Iterator
from statistics import median
from time import perf_counter

from benchmarks.timing import at_most
from embeddings.backbones import BUNDLED_CHOICE
from embeddings.describing import FRAMED, PHOTO_CONTRAST, PHOTO_KEYPOINTS, PHOTO_SIDE
from embeddings.framing import middle
from embeddings.local_features import detect
from embeddings.photos import read_photo
from recsys.demo.build import demo_folder
from recsys.evaluation.queries import read_queries
from recsys.recommender import Recommender
from recsys.settings import load_settings

NUM_PHOTOS = 60
WARM_UP = 5


def run() -> Iterator[str]:
    """Yield the lines of the report. Raises CatalogueError where the home (RECSYS_HOME) has no demo shop."""
    settings = load_settings()
    recommender = Recommender(settings)
    queries = read_queries(demo_folder(settings.cache) / "queries.csv")
    stages: dict[str, list[float]] = {"encode and describe": [], "of that, keypoints": [], "search": [], "all": []}
    for query in queries[: NUM_PHOTOS + WARM_UP]:
        photo = read_photo(query.photo)
        started = perf_counter()
        encoded = recommender.encode(photo, BUNDLED_CHOICE, ranking="refined")
        described = perf_counter()
        recommender.search(encoded, ranking="refined")
        found = perf_counter()
        detect(middle(photo, FRAMED), side=PHOTO_SIDE, most=PHOTO_KEYPOINTS, contrast=PHOTO_CONTRAST)
        detected = perf_counter()
        for name, seconds in zip(
            stages, (described - started, detected - found, found - described, found - started), strict=True
        ):
            stages[name].append(seconds * 1000)
    medians = {name: median(times[WARM_UP:]) for name, times in stages.items()}
    yield ", ".join(f"{name} {milliseconds:.1f} ms" for name, milliseconds in medians.items())
    products = len(recommender.catalogue.products)
    yield at_most(120, "ms").line(f"refined query over {products:,} products, median", medians["all"])
