"""A demo shop that grows in the background: a starter to search in at once, then the rest, then what Compare shows.

`python -m recsys.demo.growing LOCK` does it, for `growth.start_growing`; interrupted, it continues at the next start.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from embeddings.models.backbones import BACKBONES, Backbone
from recsys.catalogue.products import load_catalogue
from recsys.demo import STUDY_SIZE
from recsys.demo.build import STARTER_SIZE, build_demo, build_part
from recsys.demo.growth import DEMO_JOB, demo_folder, growing_mark
from recsys.errors import CatalogueError
from recsys.evaluation.labelled_photos import read_queries
from recsys.evaluation.records import data_set_of, keep_evaluation, network_used, read_evaluations
from recsys.evaluation.runs import evaluate
from recsys.indexing.preparation import prepare, run_job
from recsys.indexing.progress import Reporter, Stage
from recsys.search.networks import networks_of
from recsys.search.rankings import RANKINGS
from recsys.search.recommender import Recommender
from recsys.settings import Settings

_STEPS = (STARTER_SIZE, 1_000, 2_400)  # products: what is there can be searched while the next step is made
_BUNDLED = tuple(backbone for backbone in BACKBONES.values() if backbone.is_bundled)
_SHARES = {"packshots": 0.25, "photos": 0.1, "import": 0.15, "embed": 0.15, "describe": 0.35}


def grow(
    settings: Settings,
    report: Reporter,
    *,
    size: int = STUDY_SIZE,
    steps: Sequence[int] = _STEPS,
    backbones: Sequence[Backbone] = _BUNDLED,
) -> None:
    """Build what is missing of the demo shop, step by step, then encode and measure the backbones.

    Raises what `build_demo`, `prepare` and `evaluate` raise.
    """
    networks = networks_of(settings)
    there = _num_products(settings.cache)
    for step in (*(step for step in steps if there < step < size), size):
        progress = _progress(report, there, step, size)
        if step == size:
            build_demo(settings.cache, networks, size=size, progress=progress)
            growing_mark(settings.cache).touch()
        else:
            build_part(settings.cache, networks, step, size=size, progress=progress)
        there = step
    for backbone in backbones:
        prepare(settings, backbone, report)
    for number, backbone in enumerate(backbones):
        report(Stage.MEASURING, number, len(backbones))
        _measure(settings, backbone)
    growing_mark(settings.cache).unlink(missing_ok=True)


def _num_products(cache: Path) -> int:
    try:
        return len(load_catalogue(cache).products)
    except CatalogueError:
        return 0


def _progress(report: Reporter, there: int, step: int, size: int) -> Callable[[str, int, int], None]:
    """Tell progress in products: each stage of a step counts for its share of the step's products.

    In all they are those of the shop; of the first step, after which one can search, those of that step.
    """
    total_products = size if there else step
    before = dict(zip(_SHARES, (sum([*_SHARES.values()][:place]) for place in range(len(_SHARES))), strict=True))

    def progress(stage: str, done: int, total: int) -> None:
        share = before.get(stage, 1.0) + _SHARES.get(stage, 0.0) * done / max(1, total)
        report(Stage.BUILDING, there + round((step - there) * share), total_products)

    report(Stage.BUILDING, there, total_products)
    return progress


def _measure(settings: Settings, backbone: Backbone) -> None:
    """Evaluate the demo's labelled photos, in every ranking that was not measured yet, and keep the figures."""
    queries, recommender = demo_folder(settings.cache) / "queries.csv", Recommender(settings)
    data_set = data_set_of(queries, recommender.catalogue)
    kept = read_evaluations(settings.records).latest(data_set)
    known = {(one.evaluation.backbone, one.evaluation.ranking) for one in kept}
    missing = [ranking for ranking in RANKINGS.values() if (backbone.name, ranking.name) not in known]
    if missing:
        for evaluation in evaluate(recommender, read_queries(queries), backbone, missing):
            network = network_used(recommender, backbone)
            keep_evaluation(settings.records, evaluation, data_set, network, now=datetime.now(UTC))


def main() -> int:
    """Do the job whose lock is the argument."""
    (lock,) = sys.argv[1:]
    return run_job(DEMO_JOB, int(lock), grow)


if __name__ == "__main__":
    sys.exit(main())
