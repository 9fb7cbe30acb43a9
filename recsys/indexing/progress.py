"""A job's progress: written by its owner, read by everybody."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from embeddings.files import atomic_write
from embeddings.masking import mask
from embeddings.messages import Message

_WRITE_SECONDS = 0.25  # progress is written at most this often


class JobState(StrEnum):
    """A job's state; `interrupted` means that its owner died before the end."""

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
    SENDING = "sending pictures"
    ENCODING = "encoding the catalogue"
    DESCRIBING = "describing the catalogue"
    CALIBRATING = "calibrating on the catalogue"
    BUILDING = "building the demo shop"
    IMPORTING = "importing the catalogue"
    SHARING = "sharing the catalogue"
    CHECKING = "checking the photos"
    MEASURING = "measuring the backbones"
    PREPARING = "making the study's backbones ready"


@dataclass(frozen=True)
class Job:
    """A job as last written: `done` of `total` in this stage (0 of 0 if nothing is counted).

    `started` is when the stage began and `updated` when this was written, in seconds since 1970; `failure` is the error
    that ended a failed job, and `failure_kinds` the names of its class and of its bases, if it is a known one.
    """

    name: str
    state: JobState
    stage: Stage
    done: int
    total: int
    started: float
    updated: float
    failure: Message | None = None
    failure_kinds: tuple[str, ...] = ()

    @property
    def error(self) -> str:
        """The error that ended a failed job, in one line in English; empty for any other job."""
        return " ".join(str(self.failure or "").split())

    @property
    def share(self) -> float:
        """The finished share of the stage, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rate(self) -> float:
        """The rate per second in this stage; 0 if it is not known yet."""
        elapsed = self.updated - self.started
        return self.done / elapsed if elapsed > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time this stage still takes at that rate; None if it is not known yet."""
        return (self.total - self.done) / self.rate if self.rate else None


class Reporter:
    """The progress reports of a job's owner."""

    def __init__(self, path: Path, job: Job, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._job = job
        self._heard = time.monotonic()
        self._write()

    def __call__(self, stage: Stage, done: int = 0, total: int = 0) -> None:
        """Report the progress. Cheap: it is written only now and then."""
        self._heard = time.monotonic()
        now = self._clock()
        last, is_new = self._job.updated, stage is not self._job.stage
        self._job = replace(self._job, stage=stage, done=done, total=total)
        if is_new:
            self._job = replace(self._job, started=now)
        if is_new or now - last >= _WRITE_SECONDS:
            self._write()

    def finish(self, state: JobState, failure: Message | None = None, *, kinds: tuple[str, ...] = ()) -> None:
        """Report the job's end."""
        self._job = replace(self._job, state=state, failure=failure, failure_kinds=kinds)
        self._write()

    def is_stalled(self, seconds: float) -> bool:
        """Whether there was no report for so long; a job that waits for another one is not stalled."""
        return self._job.stage is not Stage.WAITING and time.monotonic() - self._heard > seconds

    def _write(self) -> None:
        self._job = replace(self._job, updated=self._clock())
        with atomic_write(self._path, sync=False) as file:
            file.write(job_json(self._job).encode())


def job_json(job: Job) -> str:
    """The job as JSON; secrets in the addresses of its error are masked."""
    return json.dumps(asdict(job) | {"failure": _masked(job.failure).as_json() if job.failure else None})


def job_of(content: bytes) -> Job:
    """The job from its JSON. Raises ValueError, KeyError, TypeError or AttributeError if it is not one."""
    job = json.loads(content)
    failure = Message.from_json(job["failure"]) if job["failure"] else None
    kinds = tuple(job.get("failure_kinds", ()))
    read = {"state": JobState(job["state"]), "stage": Stage(job["stage"]), "failure": failure, "failure_kinds": kinds}
    return Job(**job | read)


def _masked(message: Message) -> Message:
    """The message without the secrets in its addresses."""
    parts = {
        name: _masked(part) if isinstance(part, Message) else mask(part) if isinstance(part, str) else part
        for name, part in message.parts.items()
    }
    return Message(mask(message.text), **parts)
