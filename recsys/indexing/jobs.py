"""Background jobs: one owner each, progress that every process can read, and detection of dead owners.

The owner of job `name` holds the lock `<folder>/<name>.lock` as long as it lives, and the database's lock of that name
if several machines share records (`recsys/indexing/job_locks.py`). `<folder>/<name>.json` is the job's progress,
`<folder>/<name>.log` the output of a background owner. `<folder>/<name>.cancel` asks the owner to stop.
"""

import _thread
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import KalcareError
from embeddings.messages import Message
from recsys.errors import RecordsError
from recsys.indexing.job_locks import TAKES_OVER, HeldLocks, JobLocks
from recsys.indexing.progress import Job, JobState, Reporter, Stage, job_of

if TYPE_CHECKING:
    from recsys.database.locks import Locks

STALL_SECONDS = 900.0
"""A background job without progress for this long, unless it waits for another one, is ended."""

SHARED_LOOK_SECONDS = 5.0
"""How often a job checks that it still owns the database's lock: another machine may have taken it."""

_LOOK_SECONDS = 0.5  # how often a job checks whether it should end
_ENDS_WITH = "RECSYS_JOB_ENDS_WITH"
OF_JOBS = (_ENDS_WITH, TAKES_OVER)
"""The variables that tell a job's process who started it."""


class JobError(KalcareError):
    """A job that another process is doing already."""


class Jobs:
    """The jobs whose files are in `folder`, for everybody who shares it and the database's `locks`, if any."""

    def __init__(self, folder: Path, *, locks: "Locks | None" = None, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._locks = JobLocks(folder, locks)
        self._clock = clock

    def job(self, name: str) -> Job | None:
        """The job's current state; None if it never started, or if its file is damaged.

        While the database cannot say whether it has an owner, the last written state is returned.
        """
        job = self._read(name)
        try:
            if job is None or job.state is not JobState.RUNNING or self._locks.has_owner(name):
                return job
        except RecordsError:
            return job
        job = self._read(name)  # the owner may have finished between the two reads
        return replace(job, state=JobState.INTERRUPTED) if job and job.state is JobState.RUNNING else job

    def all(self) -> list[Job]:
        """Every job that was ever started, by name."""
        names = sorted(path.stem for path in self.folder.glob("*.json") if not path.name.startswith("."))
        return [job for name in names if (job := self.job(name))]

    def cancel(self, name: str) -> bool:
        """Ask the job's owner to stop, which it does within a second; return whether there is an owner.

        Raises RecordsError if the database cannot say.
        """
        if not self._locks.has_owner(name):
            return False
        self._file(name, "cancel").touch()
        return True

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        directory: Path,
        *,
        kind: str = "",
        ends_with_us: bool = False,
    ) -> bool:
        """Start a process that does the job by itself; return whether it was started.

        Nothing is started if a process is already doing the job, or another one of the same `kind`. `command` gets one
        more argument, a number to pass to `owned`. The process outlives this one, unless it `ends_with_us`. If the
        system refuses to start it, the job has failed. Raises RecordsError.
        """
        taken = self._locks.take(name, *([f"kind-{kind}"] if kind else []))
        if taken is None:
            return False
        with taken:
            told = taken.told | ({_ENDS_WITH: str(os.getpid())} if ends_with_us else {})
            own = [*command, str(taken.numbers[0])]
            process = self._spawned(name, own, {**environment, **told}, directory, taken.numbers)
            if process is not None:
                taken.hand_over(process)
        return process is not None

    def _spawned(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], directory: Path, locks: list[int]
    ) -> "subprocess.Popen[bytes] | None":
        self._file(name, "cancel").unlink(missing_ok=True)
        with self._file(name, "log").open("wb") as log:
            reporter = self._reporter(name)
            try:
                return subprocess.Popen(
                    command,
                    cwd=directory,
                    env=environment,
                    pass_fds=locks,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            except OSError as error:
                reporter.finish(JobState.FAILED, _refusal(error))
                return None

    @contextmanager
    def owned(self, name: str, *, inherited: int | None = None) -> Iterator[Reporter]:
        """Own the job while the block runs; yields the function that reports progress.

        `inherited` is the number that `start` gave to this process. A known error in the block ends the job with its
        message; anything else leaves it interrupted. Raises JobError if another process owns it, and RecordsError.
        """
        held = self._locks.take(name) if inherited is None else self._locks.take_over(name, inherited)
        if held is None:
            raise JobError(self._busy(name))
        with held:
            reporter = self._reporter(name)
            ended = threading.Event()
            threading.Thread(
                target=self._watch,
                args=(name, reporter, ended, held),
                kwargs={"is_alone": inherited is not None},
                daemon=True,
            ).start()
            try:
                yield reporter
            except KalcareError as error:
                reporter.finish(
                    JobState.FAILED, error.message, kinds=tuple(one.__name__ for one in type(error).__mro__)
                )
                raise
            except OSError as error:
                reporter.finish(JobState.FAILED, _refusal(error))
                raise
            finally:
                ended.set()
            reporter.finish(JobState.DONE)

    def _watch(
        self,
        name: str,
        reporter: Reporter,
        ended: threading.Event,
        held: HeldLocks,
        *,
        is_alone: bool,
    ) -> None:
        """End this process if its job should end: cancelled, taken over, stalled, or abandoned by its starter."""
        parent = os.environ.get(_ENDS_WITH) if is_alone else None
        looked = time.monotonic()
        if not is_alone:
            self._file(name, "cancel").unlink(missing_ok=True)
        while not ended.wait(_LOOK_SECONDS):
            is_over = self._file(name, "cancel").exists()
            if time.monotonic() - looked > SHARED_LOOK_SECONDS:
                is_over, looked = is_over or not held.are_kept(), time.monotonic()
            if is_over and not is_alone:
                _thread.interrupt_main()
                return
            if is_over or (parent is not None and os.getppid() != int(parent)):
                reporter.finish(JobState.INTERRUPTED)
            elif is_alone and reporter.is_stalled(STALL_SECONDS):
                minutes = round(STALL_SECONDS / 60)
                reporter.finish(JobState.FAILED, Message(f"It was ended after {minutes} minutes without progress."))
            else:
                continue
            os.killpg(0, signal.SIGKILL)  # including a child that builds a network

    def _reporter(self, name: str) -> Reporter:
        now = self._clock()
        job = Job(name, JobState.RUNNING, Stage.STARTING, 0, 0, now, now)
        return Reporter(self._file(name, "json"), job, self._clock)

    def _busy(self, name: str) -> str:
        job = self._read(name)
        doing = f" ({job.stage}{f', {job.share:.0%}' if job.total else ''})" if job else ""
        return (
            f"Expected nobody to work on {name}, but another process does{doing}: "
            "wait until it is done, or stop it, and try again."
        )

    def _read(self, name: str) -> Job | None:
        try:
            return job_of(self._file(name, "json").read_bytes())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _file(self, name: str, kind: str) -> Path:
        return self.folder / f"{name}.{kind}"


def _refusal(error: OSError) -> Message:
    return Message(f"The machine refused: {error.strerror or error}.")
