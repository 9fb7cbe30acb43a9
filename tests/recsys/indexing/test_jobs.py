"""Jobs as other processes see them: small commands stand in for the work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embeddings.errors import WeightsError
from recsys.indexing.jobs import JobError, Jobs
from recsys.indexing.launch import clean_environment
from recsys.indexing.progress import Job, JobState, Stage

ROOT = Path(__file__).parents[3]

WORK = """
import sys, time
from pathlib import Path
from recsys.indexing.jobs import Jobs
from recsys.indexing.progress import Stage
folder, lock = Path(sys.argv[1]), int(sys.argv[2])
with Jobs(folder).owned("work", inherited=lock) as report:
    with (folder / "begun").open("a") as file:
        file.write(f"{__import__('os').getpid()}\\n")
    report(Stage.ENCODING, 3, 16)
    while not (folder / "end").exists():
        time.sleep(0.01)
    print("written to the log")
"""


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path)


def start(jobs: Jobs) -> bool:
    return jobs.start("work", [sys.executable, "-c", WORK, str(jobs.folder)], os.environ, ROOT)


def wait_for(jobs: Jobs, state: JobState, stage: Stage = Stage.ENCODING) -> Job:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        job = jobs.job("work")
        if job and (job.state, job.stage) == (state, stage):
            return job
        time.sleep(0.01)
    pytest.fail(f"still {jobs.job('work')}")


def test_a_job_that_never_existed_is_none(jobs: Jobs) -> None:
    assert jobs.job("work") is None


def test_started_twice_it_runs_once_and_from_the_first_moment(jobs: Jobs) -> None:
    assert start(jobs)
    assert jobs.job("work").state is JobState.RUNNING
    assert not start(jobs)
    assert not start(Jobs(jobs.folder))
    job = wait_for(jobs, JobState.RUNNING)
    assert (job.done, job.total) == (3, 16)
    (jobs.folder / "end").touch()
    wait_for(jobs, JobState.DONE)
    assert len((jobs.folder / "begun").read_text().split()) == 1
    assert (jobs.folder / "work.log").read_text() == "written to the log\n"


def test_many_that_look_do_not_keep_it_from_starting(jobs: Jobs) -> None:
    look = (
        "import sys, time; from pathlib import Path; from recsys.indexing.jobs import Jobs\n"
        "jobs, end = Jobs(Path(sys.argv[1])), time.monotonic() + 20\n"
        "print('looking', flush=True)\n"
        "while not (jobs.folder / 'end').exists() and time.monotonic() < end: jobs.job('work')"
    )
    (jobs.folder / "work.json").write_text(
        '{"name": "work", "state": "running", "stage": "starting", "done": 0, "total": 0, "started": 0, "updated": 0}'
    )
    (jobs.folder / "work.lock").touch()
    with subprocess.Popen([sys.executable, "-c", look, jobs.folder], cwd=ROOT, stdout=subprocess.PIPE) as looker:
        assert looker.stdout and looker.stdout.readline() == b"looking\n"
        for _ in range(50):
            with jobs.owned("work"):
                pass
        (jobs.folder / "end").touch()


def test_a_killed_owner_is_noticed_at_once_and_another_takes_over(jobs: Jobs) -> None:
    start(jobs)
    wait_for(jobs, JobState.RUNNING)
    os.kill(int((jobs.folder / "begun").read_text()), signal.SIGKILL)
    assert wait_for(jobs, JobState.INTERRUPTED).done == 3
    assert start(jobs)
    (jobs.folder / "end").touch()
    wait_for(jobs, JobState.DONE)


def test_a_job_that_is_cancelled_ends_within_a_second_and_can_be_started_again(jobs: Jobs) -> None:
    assert not jobs.cancel("work")
    start(jobs)
    wait_for(jobs, JobState.RUNNING)
    assert jobs.cancel("work")
    assert wait_for(jobs, JobState.INTERRUPTED).done == 3
    assert start(jobs)
    (jobs.folder / "end").touch()
    wait_for(jobs, JobState.DONE)


def test_one_job_of_a_kind_runs_at_a_time(jobs: Jobs) -> None:
    command = [sys.executable, "-c", WORK, str(jobs.folder)]
    assert jobs.start("work", command, os.environ, ROOT, kind="a kind")
    assert not jobs.start("other", command, os.environ, ROOT, kind="a kind")
    (jobs.folder / "end").touch()
    wait_for(jobs, JobState.DONE)
    deadline = time.monotonic() + 30
    while not jobs.start("other", [sys.executable, "-c", "pass"], os.environ, ROOT, kind="a kind"):
        assert time.monotonic() < deadline
        time.sleep(0.01)  # the kind stays busy until its process has ended, a moment after the job is done


def test_a_job_without_progress_is_ended(jobs: Jobs) -> None:
    hasty = "import recsys.indexing.jobs as jobs; jobs.STALL_SECONDS = 0.2\n" + WORK
    jobs.start("work", [sys.executable, "-c", hasty, str(jobs.folder)], os.environ, ROOT)
    assert "without progress" in wait_for(jobs, JobState.FAILED).error


def test_a_job_that_ends_with_its_app_does_so_however_that_ends(jobs: Jobs) -> None:
    app = (
        "import os, sys, time; from pathlib import Path; from recsys.indexing.jobs import Jobs\n"
        f"command = [sys.executable, '-c', {WORK!r}, sys.argv[1]]\n"
        "Jobs(Path(sys.argv[1])).start('work', command, os.environ, Path(sys.argv[2]), ends_with_us=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", app, jobs.folder, ROOT], cwd=ROOT) as process:
        wait_for(jobs, JobState.RUNNING)
        process.kill()
    wait_for(jobs, JobState.INTERRUPTED)


def test_a_job_knows_none_of_the_apps_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RECSYS_STAKEHOLDER_KEY", "RECSYS_SHOP_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "STREAMLIT_X"):
        monkeypatch.setenv(name, "a secret")
    environment = clean_environment()
    assert environment["PATH"] == os.environ["PATH"]
    assert "a secret" not in environment.values()


def test_a_failure_is_kept_without_the_password_in_it(jobs: Jobs) -> None:
    with pytest.raises(WeightsError), jobs.owned("work"):
        raise WeightsError("Expected weights at https://me:hunter2@mirror/x?token=abc, got none.")
    kept = (jobs.folder / "work.json").read_text()
    assert "hunter2" not in kept
    assert "abc" not in kept


def test_a_known_failure_ends_it_with_its_one_line(jobs: Jobs) -> None:
    with pytest.raises(WeightsError), jobs.owned("work"):
        raise WeightsError("Expected weights,\n  got none.")
    job = jobs.job("work")
    assert (job.state, job.error) == (JobState.FAILED, "Expected weights, got none.")
    assert job.failure_kinds[:2] == ("WeightsError", "KalcareError")


def test_a_machine_that_refuses_ends_it_with_its_reason(jobs: Jobs) -> None:
    with pytest.raises(OSError), jobs.owned("work"):
        raise OSError(28, "No space left on device")
    assert jobs.job("work").error == "The machine refused: No space left on device."
    assert not jobs.start("work", ["/no/such/program"], {}, ROOT)
    assert jobs.job("work").error == "The machine refused: No such file or directory."
    with jobs.owned("work"):
        pass
    assert jobs.job("work").state is JobState.DONE


def test_an_owner_that_stops_for_another_reason_leaves_it_interrupted(jobs: Jobs) -> None:
    with pytest.raises(KeyboardInterrupt), jobs.owned("work"):
        raise KeyboardInterrupt
    assert jobs.job("work").state is JobState.INTERRUPTED


def test_a_second_owner_is_told_what_the_first_is_doing(jobs: Jobs) -> None:
    with jobs.owned("work") as report:
        report(Stage.FETCHING, 1, 4)
        with pytest.raises(JobError, match=r"^Expected nobody to work on work, .* \(fetching weights, 25%\)"):
            jobs.owned("work").__enter__()
        with jobs.owned("other"):
            assert jobs.job("other").state is JobState.RUNNING


def test_a_damaged_file_is_no_job_and_does_not_keep_it_from_starting(jobs: Jobs) -> None:
    for content in ("", "[]", '{"name": "work"}', '{"state": "running", "stage": "dancing"}'):
        (jobs.folder / "work.json").write_text(content)
        assert jobs.job("work") is None
    with jobs.owned("work"):
        assert jobs.job("work").state is JobState.RUNNING


def test_the_rate_and_the_time_left_are_those_of_the_stage(tmp_path: Path) -> None:
    now = 1000.0
    jobs = Jobs(tmp_path, clock=lambda: now)
    with jobs.owned("work") as report:
        assert jobs.job("work").seconds_left is None
        now = 1100.0
        report(Stage.ENCODING, 0, 300)
        now = 1110.0
        report(Stage.ENCODING, 100, 300)
        job = jobs.job("work")
    assert (job.rate, job.seconds_left) == (10, 20)
    assert job.share == pytest.approx(1 / 3)


def test_progress_is_written_only_now_and_then_but_a_new_stage_and_the_end_always(tmp_path: Path) -> None:
    now = 0.0
    jobs = Jobs(tmp_path, clock=lambda: now)
    seen = set()
    with jobs.owned("work") as report:
        for step in range(1000):
            now = step / 1000
            report(Stage.ENCODING, step, 1000)
            seen.add(jobs.job("work").done)
        report(Stage.COMPILING)
        assert jobs.job("work").stage is Stage.COMPILING
    assert 3 <= len(seen) <= 5
    assert jobs.job("work").state is JobState.DONE
