"""The job that measures an upload: `python -m recsys.evaluation.upload_measuring UPLOAD BACKBONES LOCK`.

BACKBONES are separated by commas. `recsys.evaluation.measuring` starts it.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from embeddings.messages import Message
from embeddings.models.backbones import Backbone, backbone_named
from recsys.errors import PhotoSetError
from recsys.evaluation.measuring import MEASURING_JOB, LastCheck, keep_check
from recsys.evaluation.photo_sets import check_rows, unpack
from recsys.evaluation.records import data_set_of, keep_evaluation, network_used
from recsys.evaluation.runs import evaluate
from recsys.evaluation.uploads import find_upload
from recsys.indexing.preparation import run_job, turn_of
from recsys.indexing.progress import Reporter, Stage
from recsys.search.recommender import Recommender
from recsys.settings import Settings


def measure(settings: Settings, report: Reporter, *, token: str, backbones: Sequence[Backbone]) -> None:
    """Unpack an upload, check its rows, and measure each backbone with each of its rankings; then delete it.

    Each backbone's figures are saved before the next one starts. Raises PhotoSetError if nothing can be measured, and
    what `evaluate` raises.
    """
    upload = find_upload(settings.cache, token)
    try:
        report(Stage.CHECKING)
        queries, recommender = unpack(upload), Recommender(settings)
        photos, bad = check_rows(queries, recommender.catalogue.by_id, progress=partial(report, Stage.CHECKING))
        keep_check(settings.cache, LastCheck(len(photos) + len(bad), tuple(bad)))
        if not photos:
            raise PhotoSetError(Message("None of the rows can be measured."))
        data_set, total = data_set_of(queries, recommender.catalogue), len(photos) * len(backbones)
        for number, backbone in enumerate(backbones):
            report(Stage.WAITING)
            with turn_of(settings):  # concurrent encoding would distort the times
                progress = partial(_report, report, number * len(photos), total)
                rankings = recommender.rankings(backbone)
                evaluations = evaluate(recommender, photos, backbone, rankings, progress=progress)
                network = network_used(recommender, backbone)
            for evaluation in evaluations:
                keep_evaluation(settings.records, evaluation, data_set, network, now=datetime.now(UTC))
    finally:
        upload.discard()


def _report(report: Reporter, before: int, total: int, done: int, _of: int) -> None:
    report(Stage.MEASURING, before + done, total)


def main() -> int:
    """Run the job whose upload, backbones and lock are the arguments."""
    token, names, lock = sys.argv[1:]
    backbones = [backbone_named(name) for name in names.split(",")]
    return run_job(MEASURING_JOB, int(lock), partial(measure, token=token, backbones=backbones))


if __name__ == "__main__":
    sys.exit(main())
