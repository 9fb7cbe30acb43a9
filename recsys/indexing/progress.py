"""How far a job is, as its owner tells and writes it, and everybody reads it."""

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
            file.write(job_json(self._job).encode())


def job_json(job: Job) -> str:
    """The job as it is written; secrets in the addresses that its failure names are masked."""
    return json.dumps(asdict(job) | {"failure": _masked(job.failure).as_json() if job.failure else None})


def job_of(content: bytes) -> Job:
    """The job that was written so. Raises ValueError, KeyError, TypeError or AttributeError where none was."""
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
