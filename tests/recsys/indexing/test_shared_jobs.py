"""Jobs of two machines whose folders do not share locks: a folder each, and one PostgreSQL."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings.models.backbones import BUNDLED_CHOICE
from recsys.database.engines import records_address
from recsys.database.locks import Locks
from recsys.errors import RecordsError
from recsys.indexing.jobs import JobError, Jobs
from recsys.indexing.launch import CATALOGUE_JOB, jobs_of, start_job, start_preparation
from recsys.indexing.progress import JobState, Stage
from recsys.settings import Settings
from tests.command_line import recsys
from tests.postgresql import Server, running_server

ROOT = Path(__file__).parents[3]

WORK = """
import sys, time
from pathlib import Path
import recsys.indexing.jobs as jobs
from recsys.indexing.launch import jobs_of
from recsys.indexing.progress import Stage
from recsys.settings import load_settings
jobs.SHARED_LOOK_SECONDS = 0.1
settings, lock = load_settings(), int(sys.argv[1])
with jobs_of(settings).owned("work", inherited=lock) as report:
    (settings.home / "pid").write_text(str(__import__("os").getpid()))
    report(Stage.ENCODING, 3, 16)
    while not (settings.home / "end").exists():
        time.sleep(0.01)
"""
COMMAND = [sys.executable, "-c", WORK]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def machines(server: Server, tmp_path: Path) -> tuple[Settings, Settings]:
    """The settings of two machines, each with its own folder; no job of an earlier test is left."""
    first, second = (Settings(home=tmp_path / name, records_database_url=server.address) for name in ("a", "b"))
    locks, deadline = Locks(records_address(first)), time.monotonic() + 60
    while locks.is_taken("work"):  # by a process that is done, and ending
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return first, second


def environment(machine: Settings) -> dict[str, str]:
    address = records_address(machine).render_as_string(hide_password=False)
    return {**os.environ, "RECSYS_HOME": str(machine.home), "RECSYS_RECORDS_DATABASE_URL": address}


def start(machine: Settings, *, name: str = "work") -> bool:
    return jobs_of(machine).start(name, COMMAND, environment(machine), ROOT, kind="a kind")


def wait_until_it(machine: Settings, state: JobState) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = jobs_of(machine).job("work")
        if job and (job.state, job.stage) == (state, Stage.ENCODING):
            return
        time.sleep(0.02)
    pytest.fail(f"still {jobs_of(machine).job('work')}")


def test_a_job_of_one_machine_excludes_others_of_its_kind_from_its_first_moment_to_its_end(machines) -> None:
    ours, theirs = machines
    assert start(ours)
    for _ in range(20):  # also while it is handed over
        assert not start(theirs)
        assert not start(theirs, name="other")
        with pytest.raises(JobError, match="Expected nobody to work on work"):
            jobs_of(theirs).owned("work").__enter__()
    wait_until_it(ours, JobState.RUNNING)
    assert not start(theirs)
    assert not start(theirs, name="other")
    (ours.home / "end").touch()
    wait_until_it(ours, JobState.DONE)
    deadline = time.monotonic() + 10
    while not start(theirs):  # its process is still ending
        assert time.monotonic() < deadline
    (theirs.home / "end").touch()
    wait_until_it(theirs, JobState.DONE)


def test_the_apps_own_jobs_are_locked_in_the_database(machines) -> None:
    ours, theirs = machines
    job = ("NoSuchBackbone", "recsys.indexing.preparation", "NoSuchBackbone")
    assert start_job(ours, *job, kind="preparation")
    assert not start_job(theirs, *job, kind="preparation")
    assert not start_preparation(theirs, BUNDLED_CHOICE)  # one preparation at a time
    deadline = time.monotonic() + 60
    while (found := jobs_of(ours).job("NoSuchBackbone")) and found.state is JobState.RUNNING:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert found is not None
    assert found.error.startswith("Expected one of ")


def test_one_whose_owner_was_killed_is_taken_over_by_another_machine(machines) -> None:
    ours, theirs = machines
    start(ours)
    wait_until_it(ours, JobState.RUNNING)
    os.kill(int((ours.home / "pid").read_text()), signal.SIGKILL)
    wait_until_it(ours, JobState.INTERRUPTED)
    assert start(theirs)
    (theirs.home / "end").touch()
    wait_until_it(theirs, JobState.DONE)


def test_the_owners_app_may_die_while_its_job_continues(machines) -> None:
    ours, theirs = machines
    app = (
        "import os, sys; from pathlib import Path\n"
        "from recsys.indexing.launch import jobs_of; from recsys.settings import load_settings\n"
        f"assert jobs_of(load_settings()).start('work', {COMMAND!r}, os.environ, Path.cwd())\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", app], cwd=ROOT, env=environment(ours), check=False)
    wait_until_it(ours, JobState.RUNNING)
    assert not start(theirs)
    (ours.home / "end").touch()
    wait_until_it(ours, JobState.DONE)


def test_a_job_that_the_database_has_forgotten_ends_as_it_may_be_anothers(machines, server: Server) -> None:
    ours, _ = machines
    start(ours)
    wait_until_it(ours, JobState.RUNNING)
    owner = int((ours.home / "pid").read_text())
    os.kill(owner, signal.SIGSTOP)  # else it might end before it is looked at
    server.stop()
    try:
        wait_until_it(ours, JobState.RUNNING)  # the last known state: nobody can say more
        with pytest.raises(RecordsError, match="Expected to use the records' database"):
            start(Settings(home=ours.home / "another", records_database_url=server.address))
    finally:
        server.start()
        os.kill(owner, signal.SIGCONT)
    wait_until_it(ours, JobState.INTERRUPTED)


def test_checking_for_an_owner_keeps_nobody_from_becoming_one(machines) -> None:
    locks = Locks(records_address(machines[0]))
    assert not locks.is_taken("work")
    taken = locks.take("work", "more")
    assert taken is not None
    assert taken.are_kept()
    assert locks.is_taken("work")
    assert not locks.is_waited_for("work")
    assert locks.take("else", "more") is None
    assert not locks.is_taken("else")  # all or nothing
    with pytest.raises(RecordsError, match="lock timeout"):
        locks.wait_for("work", seconds=0.1)
    taken.release()
    locks.wait_for("work", seconds=0.1).release()
    assert not locks.is_taken("work")


def test_jobs_of_a_home_with_its_own_records_ask_no_database(tmp_path: Path) -> None:
    with jobs_of(Settings(home=tmp_path)).owned("work"), pytest.raises(JobError):
        Jobs(tmp_path / "cache" / "jobs").owned("work").__enter__()


def test_one_machine_at_a_time_imports_or_shares_the_catalogue(machines, shop_csv: Path, bucket: str) -> None:
    ours, theirs = machines
    address = records_address(theirs).render_as_string(hide_password=False)
    environment = {"RECSYS_RECORDS_DATABASE_URL": address, "RECSYS_CACHE": f"{bucket}{theirs.home}"}
    commands = (("catalogue", "import", shop_csv), ("catalogue", "share"))
    with jobs_of(ours).owned(CATALOGUE_JOB) as report:
        report(Stage.IMPORTING, 1, 2)
        for command in commands:
            refused = recsys(*command, home=theirs.home, **environment)
            assert refused.returncode == 1
            assert refused.stderr.startswith("Error: Expected nobody to work on catalogue, but another process does")
    done = [recsys(*command, home=theirs.home, **environment) for command in commands]
    assert [(one.returncode, "SQLite" in one.stderr) for one in done] == [(0, False), (0, False)]
