"""A backbone prepared in the background, with real weights files, a real mirror and real processes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from embeddings.imaging.photos import RGB
from embeddings.models.backbones import BACKBONES, Backbone
from recsys.catalogue.image_store import is_kept
from recsys.catalogue.products import images_of, load_catalogue
from recsys.indexing.launch import STUDY_JOB, jobs_of, start_preparation, start_study_preparation
from recsys.indexing.preparation import known_speed, prepare, turn_of
from recsys.indexing.progress import Job, JobState, Stage
from recsys.num_matches import NUM_MATCHES
from recsys.search.rankings import COSINE, REFINED
from recsys.search.recommender import Recommender
from recsys.settings import Settings
from tests.command_line import recsys
from tests.kept import lose_kept
from tests.weights_mirror import MOBILENET, Mirror, seeded_weights, serving

ROOT = Path(__file__).parents[3]


@pytest.fixture
def mirror(pytestconfig: pytest.Config) -> Iterator[Mirror]:
    with serving(seeded_weights(pytestconfig)) as mirror:
        yield mirror


@pytest.fixture
def settings(home: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))  # hides this machine's cache from the test
    return Settings(home=home, weights_mirror=mirror.address)


def job_when(settings: Settings, holds: Callable[[Job], bool], name: str = MOBILENET.name) -> Job:
    deadline = time.monotonic() + 300  # a machine with more to do takes a minute to start TensorFlow
    while time.monotonic() < deadline:
        job = jobs_of(settings).job(name)
        if job and holds(job):
            return job
        time.sleep(0.02)
    pytest.fail(f"still {jobs_of(settings).job(name)}")


def ended(job: Job) -> bool:
    return job.state is not JobState.RUNNING


def is_made(job: Job) -> bool:
    """Whether the small shop's 16 products were encoded and described; whole pictures need no calibration."""
    return (job.state, job.error, job.stage, job.done, job.total) == (JobState.DONE, "", Stage.DESCRIBING, 16, 16)


def test_the_studys_eight_are_made_ready_in_turn_those_that_fail_are_named_and_the_running_app_notices(
    settings: Settings, photographs: dict[str, RGB]
) -> None:
    engine = Recommender(settings)
    assert MOBILENET.name not in [status.backbone.name for status in engine.statuses() if status.is_ready]
    with turn_of(settings):  # as a job has it that encodes
        assert start_study_preparation(settings)
        assert not start_preparation(settings, BACKBONES["EfficientNetLite1"])  # one preparation at a time
        assert job_when(settings, lambda job: job.stage is Stage.WAITING).state is JobState.RUNNING
    job = job_when(settings, ended, STUDY_JOB)
    failed = [name for name, backbone in BACKBONES.items() if backbone.in_study and name != MOBILENET.name]
    assert job.state is JobState.FAILED
    assert f"made ready, {', '.join(failed)} could not be" in job.error
    job = job_when(settings, ended, "VGG16")
    assert job.state is JobState.FAILED
    assert "the server answered 404" in job.error
    assert is_made(job_when(settings, ended))
    ready = [status.backbone.name for status in engine.statuses() if status.is_ready]
    assert ready == [MOBILENET.name, "EfficientNetLite0"]
    quarter = photographs["coffee"][:200, 300:]  # the shop's second picture of it
    query = engine.encode(quarter, MOBILENET, rankings=[REFINED], framed=quarter)
    for ranking in (REFINED, COSINE):
        assert engine.search(query, ranking=ranking).matches[0].product.product_id == "coffee-1"
    assert engine.default_ranking(MOBILENET) is REFINED
    assert engine.search(query, ranking=REFINED).has_good_match  # by its print: whole pictures cannot decide that
    among_others = {product.product_id for product in engine.catalogue.products if "coffee" not in product.product_id}
    assert engine.search(query, ranking=REFINED, allowed_ids=among_others).has_good_match is False
    assert known_speed(settings.cache, MOBILENET) > 0


STARTER = """
import sys, time
from recsys.indexing.launch import start_preparation
from recsys.settings import load_settings
from embeddings.models.backbones import BACKBONES
print(start_preparation(load_settings(), BACKBONES["MobileNetV2"]), flush=True)
time.sleep(60)
"""


@pytest.mark.usefixtures("loaded_networks")
def test_a_download_shows_progress_while_others_search_starts_only_once_and_if_killed_is_completed_by_a_surviving_job(
    settings: Settings, mirror: Mirror, photographs: dict[str, RGB]
) -> None:
    mirror.gate.clear()
    assert start_preparation(settings, MOBILENET)
    half = job_when(settings, lambda job: job.done >= job.total * 0.4 > 0)
    assert (half.state, half.stage) == (JobState.RUNNING, Stage.FETCHING)
    assert half.total == pytest.approx(MOBILENET.weights_bytes, rel=0.02)
    assert not start_preparation(settings, MOBILENET)
    engine = Recommender(settings)
    query = engine.encode(photographs["coffee"], BACKBONES["EfficientNetLite0"])
    assert len(engine.search(query, ranking=COSINE).matches) == NUM_MATCHES

    result = recsys("backbones", "fetch", MOBILENET.name, home=settings.home, RECSYS_WEIGHTS_MIRROR=mirror.address)
    assert result.returncode == 1
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("Error: Expected nobody to work on MobileNetV2, but another process does (fetching weights")
    table = recsys("backbones", home=settings.home).stdout.splitlines()
    assert [line.split()[0] for line in table if "being made ready" in line] == [MOBILENET.name]

    next(child for child in psutil.Process().children() if "recsys.indexing.preparation" in child.cmdline()).kill()
    assert job_when(settings, ended).state is JobState.INTERRUPTED
    environment = {**os.environ, "RECSYS_HOME": str(settings.home), "RECSYS_WEIGHTS_MIRROR": mirror.address}
    environment["RECSYS_JOBS_OUTLIVE"] = "1"
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], env=environment, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    ) as app:
        assert app.stdout and app.stdout.readline() == b"True\n"
        os.killpg(app.pid, signal.SIGKILL)
    assert jobs_of(settings).job(MOBILENET.name).state is JobState.RUNNING
    mirror.gate.set()
    assert is_made(job_when(settings, ended))


@pytest.mark.usefixtures("loaded_networks")
def test_a_catalogue_being_encoded_is_not_encoded_twice(
    described_home: Path, bundled: Backbone, tmp_path: Path
) -> None:
    settings = Settings(home=shutil.copytree(described_home, tmp_path / "home", symlinks=True))
    with jobs_of(settings).owned(bundled.name) as report:
        report(Stage.ENCODING, 3, 16)
        result = recsys("embed", bundled.name, home=settings.home)
        assert not start_preparation(settings, bundled)
    assert (result.returncode, result.stdout) == (1, "")
    assert "another process does (encoding the catalogue, 19%)" in result.stderr
    assert recsys("embed", bundled.name, home=settings.home).returncode == 0


@pytest.mark.usefixtures("quick_calibration")
def test_lost_and_damaged_kept_pictures_are_left_out_and_the_rest_is_encoded(
    home: Path, bundled: Backbone, loaded_networks: None, capfd: pytest.CaptureFixture[str]
) -> None:
    cache = home / "cache"
    lose_kept(cache)
    keys = load_catalogue(cache).image_keys
    study = [images_of(cache).study_path(key) for key in keys]
    study[1].write_bytes(study[1].read_bytes()[:2000])
    study[2].write_bytes(b"\xff\xd8 no picture at all \xff\xd9")  # damaged in the middle only
    display = [images_of(cache).display_path(key) for key in keys]
    display[3].write_bytes(bytes(300) + display[3].read_bytes()[300:])
    display[4].write_bytes(b"\xff\xd8 no picture at all \xff\xd9")
    study[5].unlink()
    with jobs_of(Settings(home=home)).owned(bundled.name) as report:
        done = prepare(Settings(home=home), bundled, report)
    assert done.encoded + done.reused == 11
    assert load_catalogue(cache).image_keys == (keys[0], *keys[6:])
    assert capfd.readouterr().err.count("left out ") == 5
    assert not any(is_kept(images_of(cache), key) for key in keys[1:6])  # so that the next import downloads them again
