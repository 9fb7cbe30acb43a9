"""Measuring with photos sent to a page: starting it, and the outcome of each row."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.files import atomic_write
from embeddings.messages import Message
from embeddings.models.backbones import Backbone
from recsys.evaluation.uploads import Upload, uploads_folder
from recsys.indexing.launch import start_job
from recsys.settings import Settings

MEASURING_JOB = "measuring"
_MAX_KEPT = 500  # bad rows listed


@dataclass(frozen=True)
class BadRow:
    """A row that was not measured: the photo's name in the CSV, and why."""

    name: str
    reason: Message


@dataclass(frozen=True)
class LastCheck:
    """The outcome of the latest rows: how many there were, and which were not measured."""

    num_rows: int
    bad_rows: tuple[BadRow, ...]


def start_measuring(settings: Settings, upload: Upload, backbones: Sequence[Backbone]) -> bool:
    """Measure these backbones with the uploaded photos, unless a measurement is running; return whether it started."""
    names = ",".join(backbone.name for backbone in backbones)
    return start_job(
        settings, MEASURING_JOB, "recsys.evaluation.upload_measuring", upload.token, names, kind=MEASURING_JOB
    )


def last_check(cache: Path) -> LastCheck | None:
    """The outcome of the latest rows; None if there never were any."""
    try:
        content = json.loads(_check_path(cache).read_bytes())
        bad = tuple(BadRow(row["name"], Message.from_json(row["reason"])) for row in content["bad_rows"])
        return LastCheck(content["num_rows"], bad)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def keep_check(cache: Path, check: LastCheck) -> None:
    """Save the outcome, replacing the previous one. OSError passes through."""
    rows = [{"name": row.name, "reason": row.reason.as_json()} for row in check.bad_rows[:_MAX_KEPT]]
    with atomic_write(_check_path(cache)) as file:
        file.write(json.dumps({"num_rows": check.num_rows, "bad_rows": rows}, ensure_ascii=False).encode())


def _check_path(cache: Path) -> Path:
    return uploads_folder(cache) / "last.json"
