"""Background jobs: one owner each, progress that every process can read, a dead owner noticed.

The owner of job `name` holds a lock on `<folder>/<name>.lock` as long as it lives; the operating
system takes it away when the owner dies, however it dies. Where several machines share the folder, and
records in a database, it holds the database's lock of that name as well, as not every shared folder
passes locks on. `<folder>/<name>.json` says how far it is, `<folder>/<name>.log` holds what a background
owner wrote. `<folder>/<name>.cancel` asks the owner to stop.
"""

import _thread
import fcntl
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO

from embeddings.errors import KalcareError
from embeddings.files import atomic_write
from embeddings.masking import mask
from embeddings.messages import Message
from recsys.database.locks import Locks, TakenLocks
from recsys.errors import RecordsError

_WRITE_SECONDS = 0.25  # progress is written at most this often
STALL_SECONDS = 900.0
"""A background job that says nothing for so long, and does not wait for another one, is ended."""

SHARED_LOOK_SECONDS = 5.0
"""How often a job looks whether the database still knows its owner: another machine may be it by then."""

_LOOK_SECONDS = 0.5  # how often a job looks whether it is to end
_HAND_OVER_SECONDS, _HAND_OVER_LOOK_SECONDS = 60.0, 0.1
_ENDS_WITH, _TAKES_OVER = "RECSYS_JOB_ENDS_WITH", "RECSYS_JOB_TAKES_OVER"
OF_JOBS = (_ENDS_WITH, _TAKES_OVER)
"""The variables that tell a job's process whose it is."""

_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|TZ|TMPDIR|VIRTUAL_ENV|LD_LIBRARY_PATH|LC_.*|XDG_.*|PYTHON.*|KERAS_HOME|OMP_.*"
    r"|SSL_CERT_.*|.*_CA_BUNDLE|(?i:(http|https|no|all)_proxy)"
)
_TRIES, _TRY_SECONDS = 20, 0.01  # whoever looks whether a job runs holds its lock for an instant


class JobError(KalcareError):
    """A job that another process is doing already."""


class JobState(StrEnum):
    """How a job stands; `interrupted` is one whose owner died before the end."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Stage(StrEnum):
    """What a job is doing."""

    STARTING = "starting"
    FETCHING = "fetching weights"
    WAITING = "waiting for another backbone"
    COMPILING = "building the network"
    ENCODING = "encoding the catalogue"
    DESCRIBING = "describing the catalogue"
    CALIBRATING = "calibrating on the catalogue"
    BUILDING = "building the demo shop"
    CHECKING = "checking the photos"
    MEASURING = "measuring the backbones"
    PREPARING = "making the study's backbones ready"


@dataclass(frozen=True)
class Job:
    """A job as it was last written: `done` of `total` in this stage (0 of 0 where nothing is counted).

    `started` is when the stage began and `updated` when this was written, in seconds since 1970;
    `failure` is what ended a failed job.
    """

    name: str
    state: JobState
    stage: Stage
    done: int
    total: int
    started: float
    updated: float
    failure: Message | None = None

    @property
    def error(self) -> str:
        """What ended a failed job, in one line in English; empty for any other."""
        return " ".join(str(self.failure or "").split())

    @property
    def share(self) -> float:
        """How much of the stage is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rate(self) -> float:
        """How many a second in this stage; 0 where nothing can be said yet."""
        elapsed = self.updated - self.started
        return self.done / elapsed if elapsed > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long this stage still takes at that rate; None where nothing can be said yet."""
        return (self.total - self.done) / self.rate if self.rate else None


class Reporter:
    """What the owner of a job tells of its progress."""

    def __init__(self, path: Path, job: Job, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._job = job
        self._heard = time.monotonic()
        self._write()

    def __call__(self, stage: Stage, done: int = 0, total: int = 0) -> None:
        """Say how far the job is. Cheap: only now and then is it written."""
        self._heard = time.monotonic()
        now = self._clock()
        last, is_new = self._job.updated, stage is not self._job.stage
        self._job = replace(self._job, stage=stage, done=done, total=total)
        if is_new:
            self._job = replace(self._job, started=now)
        if is_new or now - last >= _WRITE_SECONDS:
            self._write()

    def finish(self, state: JobState, failure: Message | None = None) -> None:
        """Say how the job ended."""
        self._job = replace(self._job, state=state, failure=failure)
        self._write()

    def is_stalled(self, seconds: float) -> bool:
        """Whether the job has said nothing for so long; one that waits for another has nothing to say."""
        return self._job.stage is not Stage.WAITING and time.monotonic() - self._heard > seconds

    def _write(self) -> None:
        self._job = replace(self._job, updated=self._clock())
        with atomic_write(self._path, sync=False) as file:
            file.write(_job_json(self._job).encode())


class Jobs:
    """The jobs whose files are in `folder`, for all who share it and the database's `locks`, if there are any."""

    def __init__(self, folder: Path, *, locks: Locks | None = None, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._shared = locks
        self._clock = clock

    def job(self, name: str) -> Job | None:
        """The job's state now; None when it was never begun, or when its file is damaged.

        While the database cannot say whether it has an owner, it is as it was last written.
        """
        job = self._read(name)
        try:
            if job is None or job.state is not JobState.RUNNING or self._has_owner(name):
                return job
        except RecordsError:
            return job
        job = self._read(name)  # the owner may have finished between the two looks
        return replace(job, state=JobState.INTERRUPTED) if job and job.state is JobState.RUNNING else job

    def all(self) -> list[Job]:
        """Every job that was ever begun, by name."""
        names = sorted(path.stem for path in self.folder.glob("*.json") if not path.name.startswith("."))
        return [job for name in names if (job := self.job(name))]

    def cancel(self, name: str) -> bool:
        """Ask the job's owner to stop, which it does within a second; tell whether there is one.

        Raises RecordsError where the database cannot say.
        """
        if not self._has_owner(name):
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
        """Start a process that does the job on its own; tell whether it was started.

        It is not where a process does the job already, or another one of the same `kind`. `command` gets one
        more argument, a number that it gives to `owned`. The process outlives this one, unless it
        `ends_with_us`. Where the machine refuses it, the job has failed. Raises RecordsError.
        """
        names = [name, f"kind-{kind}"] if kind else [name]
        with ExitStack() as locks:
            kept = [self._locked(one) for one in names]
            for lock in kept:
                if lock is not None:
                    locks.enter_context(lock)
            mine = [lock.fileno() for lock in kept if lock is not None]
            if len(mine) < len(kept):
                return False
            shared = self._shared.take(*names) if self._shared else None
            if self._shared is not None and shared is None:
                return False
            told = {_TAKES_OVER: ",".join(names)} if shared else {}
            told |= {_ENDS_WITH: str(os.getpid())} if ends_with_us else {}
            process = None
            try:
                process = self._spawned(name, [*command, str(mine[0])], {**environment, **told}, directory, mine)
            finally:
                if shared is not None and process is None:
                    shared.release()
        if process is not None:
            threading.Thread(target=self._see_off, args=(process, names, shared), daemon=True).start()
        return process is not None

    def _spawned(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], directory: Path, locks: list[int]
    ) -> "subprocess.Popen[bytes] | None":
        # A lock belongs to the open file, so the child that inherits it owns the job from its first moment.
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

    def _see_off(self, process: "subprocess.Popen[bytes]", names: Sequence[str], shared: TakenLocks | None) -> None:
        """Leave no zombie, and hold the database's locks until the process waits for them: it is next in line."""
        if shared is not None and self._shared is not None:
            with suppress(RecordsError):  # then there are no locks to hold
                while process.poll() is None and not any(map(self._shared.is_waited_for, names)):
                    time.sleep(_HAND_OVER_LOOK_SECONDS)
            shared.release()
        process.wait()

    @contextmanager
    def owned(self, name: str, *, inherited: int | None = None) -> Iterator[Reporter]:
        """Own the job while the block runs; yields what its progress is told to.

        `inherited` is the number that `start` gave to this process. A known failure of the block
        ends the job with its message; anything else leaves it interrupted. Raises JobError when
        another process owns it, and RecordsError.
        """
        lock = self._locked(name) if inherited is None else os.fdopen(inherited, "ab")
        if lock is None:
            raise JobError(self._busy(name))
        with lock, self._shared_lock(name, takes_over=inherited is not None) as shared:
            reporter = self._reporter(name)
            ended = threading.Event()
            threading.Thread(
                target=self._watch,
                args=(name, reporter, ended, shared),
                kwargs={"is_alone": inherited is not None},
                daemon=True,
            ).start()
            try:
                yield reporter
            except KalcareError as error:
                reporter.finish(JobState.FAILED, error.message)
                raise
            except OSError as error:
                reporter.finish(JobState.FAILED, _refusal(error))
                raise
            finally:
                ended.set()
            reporter.finish(JobState.DONE)

    @contextmanager
    def _shared_lock(self, name: str, *, takes_over: bool) -> Iterator[TakenLocks | None]:
        """The database's lock while the block runs, where there is one; taken over from who started this process."""
        if self._shared is None:
            yield None
            return
        if takes_over:
            names = os.environ.get(_TAKES_OVER, name).split(",")
            taken: TakenLocks | None = self._shared.wait_for(*names, seconds=_HAND_OVER_SECONDS)
        else:
            taken = self._shared.take(name)
        if taken is None:
            raise JobError(self._busy(name))
        try:
            yield taken
        finally:
            taken.release()

    def _watch(
        self,
        name: str,
        reporter: Reporter,
        ended: threading.Event,
        shared: TakenLocks | None,
        *,
        is_alone: bool,
    ) -> None:
        """End this process where its job is to end: cancelled, not its own any more, without progress, or left."""
        parent = os.environ.get(_ENDS_WITH) if is_alone else None
        looked = time.monotonic()
        if not is_alone:
            self._file(name, "cancel").unlink(missing_ok=True)
        while not ended.wait(_LOOK_SECONDS):
            is_over = self._file(name, "cancel").exists()
            if shared is not None and time.monotonic() - looked > SHARED_LOOK_SECONDS:
                is_over, looked = is_over or not shared.are_kept(), time.monotonic()
            if is_over and not is_alone:
                _thread.interrupt_main()
                return
            if is_over or (parent is not None and os.getppid() != int(parent)):
                reporter.finish(JobState.INTERRUPTED)
            elif is_alone and reporter.is_stalled(STALL_SECONDS):
                minutes = round(STALL_SECONDS / 60)
                reporter.finish(
                    JobState.FAILED, Message("It was ended after {minutes} minutes without progress.", minutes=minutes)
                )
            else:
                continue
            os.killpg(0, signal.SIGKILL)  # a child that builds a network as well

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
            return _job_of(self._file(name, "json").read_bytes())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _has_owner(self, name: str) -> bool:
        return self._is_locked(name) or (self._shared is not None and self._shared.is_taken(name))

    def _is_locked(self, name: str) -> bool:
        try:
            with self._file(name, "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def _locked(self, name: str) -> IO[bytes] | None:
        """The job's lock file, locked until it is closed; None when another has it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self._file(name, "lock").open("ab")
        for _ in range(_TRIES):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                time.sleep(_TRY_SECONDS)
        lock.close()
        return None

    def _file(self, name: str, kind: str) -> Path:
        return self.folder / f"{name}.{kind}"


def _job_json(job: Job) -> str:
    return json.dumps(asdict(job) | {"failure": _masked(job.failure).as_json() if job.failure else None})


def _job_of(content: bytes) -> Job:
    job = json.loads(content)
    failure = Message.from_json(job["failure"]) if job["failure"] else None
    return Job(**job | {"state": JobState(job["state"]), "stage": Stage(job["stage"]), "failure": failure})


def _masked(message: Message) -> Message:
    """The message without the secrets in the addresses that it names."""
    parts = {
        name: _masked(part) if isinstance(part, Message) else mask(part) if isinstance(part, str) else part
        for name, part in message.parts.items()
    }
    return Message(mask(message.text), **parts)


def clean_environment() -> dict[str, str]:
    """What a job may know of this process's environment: where things are, and none of the app's secrets."""
    return {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}


def _refusal(error: OSError) -> Message:
    return Message("The machine refused: {reason}.", reason=error.strerror or str(error))
