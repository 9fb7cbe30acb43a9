from collections.abc import Mapping
from pathlib import Path

import pytest

from embeddings.models.backbones import Backbone
from recsys.errors import PhotoSetError
from recsys.evaluation.measuring import MEASURING_JOB, last_check
from recsys.evaluation.records import read_evaluations
from recsys.evaluation.upload_measuring import measure
from recsys.evaluation.uploads import SentFile, Upload, begin_upload, uploads_folder
from recsys.indexing.launch import jobs_of
from recsys.indexing.progress import JobState
from recsys.search.rankings import COSINE, RANKINGS, REFINED
from recsys.settings import Settings

pytestmark = pytest.mark.usefixtures("loaded_networks")


def sent(settings: Settings, files: Mapping[str, bytes]) -> Upload:
    upload = begin_upload(settings.cache, [SentFile(name, len(content)) for name, content in files.items()])
    upload.add(0, b"".join(files.values()))
    return upload


def test_what_was_sent_is_measured_its_bad_rows_are_named_and_it_is_deleted(
    settings: Settings, shop_csv: Path, bundled: Backbone
) -> None:
    photos = {f"{name}.jpg": (shop_csv.parent / f"{name}.jpg").read_bytes() for name in ("coffee-0", "rocket-1")}
    rows = "photo,product_id,group\ncoffee-0.jpg,coffee-0,cups\nrocket-1.jpg,rocket-2,\nno.jpg,coffee-0,\n"
    upload = sent(settings, {"shop.csv": rows.encode(), **photos})
    with jobs_of(settings).owned(MEASURING_JOB) as report:
        measure(settings, report, token=upload.token, backbones=[bundled])
    job = jobs_of(settings).job(MEASURING_JOB)
    assert job is not None
    assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
    runs = {run.evaluation.ranking: run for run in read_evaluations(settings.records).kept}
    assert runs.keys() == RANKINGS.keys() - {REFINED.name}  # this home is not described
    assert {(run.data_set.queries, run.evaluation.backbone) for run in runs.values()} == {("shop.csv", bundled.name)}
    groups = runs[COSINE.name].evaluation.groups
    assert (groups["all"].means["hit@1"], groups["cups"].means["hit@1"]) == (0.5, 1)
    check = last_check(settings.cache)
    assert check is not None
    assert (check.num_rows, [row.name for row in check.bad_rows]) == (3, ["no.jpg"])
    assert [path.name for path in uploads_folder(settings.cache).iterdir()] == ["last.json"]


def test_if_no_row_can_be_measured_nothing_is_saved_and_the_photos_are_deleted(
    settings: Settings, bundled: Backbone
) -> None:
    upload = sent(settings, {"queries.csv": b"photo,product_id\na.jpg,1\n", "a.jpg": b"a"})
    with pytest.raises(PhotoSetError, match="None of the rows"), jobs_of(settings).owned(MEASURING_JOB) as report:
        measure(settings, report, token=upload.token, backbones=[bundled])
    assert not read_evaluations(settings.records).kept
    assert not upload.folder.exists()
    job = jobs_of(settings).job(MEASURING_JOB)
    assert job is not None
    assert (job.state, job.error) == (JobState.FAILED, "None of the rows can be measured.")
