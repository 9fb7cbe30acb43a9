"""Whether an app could serve this data home now: each thing that has to be in order, and what to do where it is not."""

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from embeddings.errors import KalcareError
from embeddings.models.backbones import BACKBONES
from recsys.database.copies import problems_in
from recsys.database.database import open_database
from recsys.database.engines import records_address, sqlite_path
from recsys.search.recommender import Recommender
from recsys.settings import Settings

_NEEDED = ("streamlit", "openvino", "numpy", "pillow", "sqlalchemy")
_FEW_BYTES = 2**30


class State(StrEnum):
    """How a check came out; only `failed` keeps the app from serving."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, how it is, and what was seen, in one line."""

    name: str
    state: State
    detail: str


def run_checks(settings: Settings) -> list[Check]:
    """Look at everything; what cannot be looked at has failed. The records' tables are brought up to date by it."""
    checks: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
        ("home", _home),
        ("disk", _disk),
        ("versions", _versions),
        ("permissions", _permissions),
        ("secrets", _secrets),
        ("records", _records),
        ("catalogue", _catalogue),
        ("search", _search),
    )
    return [_run(name, check, settings) for name, check in checks]


def is_searchable(recommender: Recommender) -> bool:
    """Whether a search would work with some backbone, told by the files alone."""
    try:
        return any(status.is_ready for status in recommender.statuses())
    except (KalcareError, OSError):
        return False


def _run(name: str, check: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return check(settings)
    except (KalcareError, OSError) as error:
        return Check(name, State.FAILED, " ".join(str(error).split()))


def _home(settings: Settings) -> Check:
    if not settings.home.is_dir():
        return Check("home", State.FAILED, f"Expected a data home at {settings.home}, found none: set RECSYS_HOME.")
    closed = [str(folder) for folder in _folders(settings) if not os.access(folder, os.R_OK | os.W_OK | os.X_OK)]
    if closed:
        return Check(
            "home", State.FAILED, f"Expected to write to {', '.join(closed)}: give the app's user the permission."
        )
    return Check("home", State.OK, str(settings.home.resolve()))


def _folders(settings: Settings) -> Iterator[Path]:
    yield from (folder for folder in (settings.home, settings.cache, settings.records) if folder.is_dir())


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.home).free
    state = State.OK if free >= _FEW_BYTES else State.WARNING
    return Check("disk", state, f"{free / 2**30:,.1f} GB free")


def _versions(_settings: Settings) -> Check:
    try:
        found = ", ".join(f"{name} {version(name)}" for name in _NEEDED)
    except PackageNotFoundError as error:
        return Check("versions", State.FAILED, f"Expected the package {error.name}, found none: run make setup.")
    return Check("versions", State.OK, f"Python {sys.version.split()[0]}, {found}")


def _permissions(settings: Settings) -> Check:
    files = [path for path in (settings.records.glob("*.db*") if settings.records.is_dir() else ()) if path.is_file()]
    open_ones = [path for path in (settings.home, *files) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_ones:
        return Check("permissions", State.OK, "only the app's user can read the data home")
    names = ", ".join(str(path) for path in open_ones[:3])
    return Check("permissions", State.WARNING, f"others on this machine may read {names}: chmod -R go= {settings.home}")


def _secrets(settings: Settings) -> Check:
    if settings.stakeholder_key is None:
        return Check("secrets", State.WARNING, "RECSYS_STAKEHOLDER_KEY is not set: everybody sees remarks and usage")
    return Check("secrets", State.OK, "a stakeholder key is set")


def _records(settings: Settings) -> Check:
    url = records_address(settings)
    open_database(url)
    path = sqlite_path(url)
    if path is not None and (problems := problems_in(path)):
        return Check("records", State.FAILED, f"{path} is damaged ({problems[0]}): restore a copy.")
    return Check("records", State.OK, "sound" if path else f"{url.get_backend_name()} answers")


def _catalogue(settings: Settings) -> Check:
    products = Recommender(settings).catalogue.products
    return Check("catalogue", State.OK, f"{len(products):,} products")


def _search(settings: Settings) -> Check:
    ready = [status.backbone.name for status in Recommender(settings).statuses() if status.is_ready]
    if not ready:
        return Check("search", State.FAILED, "Expected a backbone with the catalogue's vectors, found none: run embed.")
    return Check("search", State.OK, f"{len(ready)} of {len(BACKBONES)} backbones are ready: {', '.join(ready)}")
