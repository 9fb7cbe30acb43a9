"""Whether an app could serve this data home now: each requirement, and what to do if it is not met."""

import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from embeddings.errors import InstallRequirements, KalcareError, Remedy, VectorsError
from embeddings.masking import mask
from embeddings.models.backbones import BACKBONES, BUNDLED_CHOICE
from recsys.access.roles import check_roles
from recsys.access.sign_in import sign_in_of
from recsys.database.copies import problems_in
from recsys.database.database import open_database
from recsys.database.engines import records_address, sqlite_path
from recsys.errors import EncodeCatalogue, SettingsError
from recsys.indexing.jobs import OF_JOBS
from recsys.indexing.launch import only_here
from recsys.search.recalls import ENOUGH, recalls_text
from recsys.search.recommender import Recommender
from recsys.settings import Settings, environment_name

_NEEDED = ("streamlit", "openvino", "numpy", "pillow", "sqlalchemy")
_FEW_BYTES = 2**30
_PROVIDER_SECONDS = 5.0
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


class State(StrEnum):
    """The outcome of a check; only `failed` keeps the app from serving."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One thing that was checked: its name, its state, and what was found, in one line."""

    name: str
    state: State
    detail: str
    remedies: tuple[Remedy, ...] = ()


def run_checks(settings: Settings, names: Collection[str] = ()) -> list[Check]:
    """Check everything, or what is named; what cannot be checked counts as failed.

    Brings the records' tables up to date. Raises SettingsError for an unknown name.
    """
    checks: dict[str, Callable[[Settings], Check]] = {
        "home": _home,
        "disk": _disk,
        "versions": _versions,
        "permissions": _permissions,
        "settings": _settings,
        "sign-in": _sign_in,
        "secrets": _secrets,
        "poll": _poll,
        "records": _records,
        "catalogue": _catalogue,
        "search": _search,
        "index": _index,
    }
    if unknown := [name for name in names if name not in checks]:
        raise SettingsError(f"Expected checks among {', '.join(checks)}, got {', '.join(unknown)}.")
    return [_run(name, check, settings) for name, check in checks.items() if not names or name in names]


def _run(name: str, check: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return check(settings)
    except (KalcareError, OSError) as error:
        remedies = error.remedies if isinstance(error, KalcareError) else ()
        return Check(name, State.FAILED, " ".join(str(error).split()), remedies)


def _home(settings: Settings) -> Check:
    _check_home(settings)
    closed = [str(folder) for folder in _folders(settings) if not os.access(folder, os.R_OK | os.W_OK | os.X_OK)]
    if closed:
        return Check("home", State.FAILED, f"Expected to write to {', '.join(closed)}: give the app's user permission.")
    return Check("home", State.OK, str(settings.home.resolve()))


def _check_home(settings: Settings) -> None:
    if not settings.home.is_dir():
        raise SettingsError(
            f"Expected a data home at {settings.home}, found none: set RECSYS_HOME, or import a catalogue."
        )


def _folders(settings: Settings) -> Iterator[Path]:
    yield from (folder for folder in (settings.home, settings.cache, settings.records) if folder.is_dir())


def _disk(settings: Settings) -> Check:
    _check_home(settings)
    free = shutil.disk_usage(settings.home).free
    state = State.OK if free >= _FEW_BYTES else State.WARNING
    return Check("disk", state, f"{free / 2**30:,.1f} GB free")


def _versions(_settings: Settings) -> Check:
    try:
        found = ", ".join(f"{name} {version(name)}" for name in _NEEDED)
    except PackageNotFoundError as error:
        problem = f"Expected the package {error.name}, found none."
        return Check("versions", State.FAILED, problem, (InstallRequirements(),))
    return Check("versions", State.OK, f"Python {sys.version.split()[0]}, {found}")


def _permissions(settings: Settings) -> Check:
    _check_home(settings)
    files = [path for path in (settings.records.glob("*.db*") if settings.records.is_dir() else ()) if path.is_file()]
    open_ones = [path for path in (settings.home, *files) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_ones:
        return Check("permissions", State.OK, "only the app's user can read the data home")
    names = ", ".join(str(path) for path in open_ones[:3])
    return Check("permissions", State.WARNING, f"others on this machine can read {names}: chmod -R go= {settings.home}")


def _settings(settings: Settings) -> Check:
    known = {environment_name(name) for name in type(settings).model_fields} | set(OF_JOBS)
    unknown = sorted(name for name in os.environ if name.upper().startswith("RECSYS_") and name.upper() not in known)
    if unknown:
        return Check("settings", State.WARNING, f"Expected settings, but nothing reads {', '.join(unknown)}")
    wrong = [name for name in _texts(settings.hosts) if not _HOST.fullmatch(name)]
    if wrong:
        return Check(
            "settings", State.WARNING, f"Expected names in RECSYS_HOSTS, as shop.example, got {', '.join(wrong)}"
        )
    names = _texts(settings.hosts)
    return Check("settings", State.OK, f"also reached as {', '.join(names)}" if names else "all are known")


def _sign_in(settings: Settings) -> Check:
    sign_in = sign_in_of(settings)
    if sign_in is None:
        return Check("sign-in", State.OK, "nobody has to sign in")
    check_roles(settings)
    try:
        answer = httpx.get(sign_in.metadata_url, timeout=_PROVIDER_SECONDS).raise_for_status().json()
        issuer = str(answer["issuer"]).rstrip("/")
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
        return Check("sign-in", State.WARNING, f"{sign_in.issuer} does not describe itself now: {mask(repr(error))}")
    if issuer != sign_in.issuer:
        return Check("sign-in", State.FAILED, f"Expected RECSYS_SIGN_IN_ISSUER to be {issuer}, got {sign_in.issuer}")
    if urlsplit(sign_in.address).scheme != "https" and not _is_loopback(sign_in.address):
        return Check("sign-in", State.WARNING, f"{sign_in.address} is not https: a listener can be anybody")
    return Check("sign-in", State.OK, f"by {sign_in.issuer}; register {sign_in.redirect_uri} there")


def _is_loopback(address: str) -> bool:
    return urlsplit(address).hostname in ("localhost", "127.0.0.1", "::1")


def _secrets(settings: Settings) -> Check:
    try:
        if sign_in_of(settings):
            return Check("secrets", State.OK, "roles unlock remarks, usage and jobs")
    except SettingsError:
        return Check("secrets", State.FAILED, "sign-in settings are incomplete: nobody gets in")
    if not (settings.stakeholder_key and settings.stakeholder_key.get_secret_value()):
        return Check(
            "secrets",
            State.FAILED if settings.served else State.WARNING,
            "neither RECSYS_STAKEHOLDER_KEY nor sign-in is set: everybody sees remarks and usage, and starts jobs",
        )
    return Check("secrets", State.OK, "a stakeholder key is set")


def _poll(settings: Settings) -> Check:
    detail = f"{settings.survey_mode}, results change {settings.survey_step} answers at a time"
    if settings.served and settings.survey_step == 1:
        return Check(
            "poll", State.WARNING, f"{detail}: RECSYS_SURVEY_STEP=5 keeps people from working out who answered what"
        )
    return Check("poll", State.OK, detail)


def _texts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _records(settings: Settings) -> Check:
    url = records_address(settings)
    open_database(url)
    path = sqlite_path(url)
    if path is not None and (problems := problems_in(path)):
        return Check("records", State.FAILED, f"{path} is damaged ({problems[0]}): restore a copy.")
    if told := only_here(settings):
        return Check("records", State.WARNING, f"sound, but {told}")
    return Check("records", State.OK, "sound" if path else f"{url.get_backend_name()} answers")


def _catalogue(settings: Settings) -> Check:
    products = Recommender(settings).catalogue.products
    return Check("catalogue", State.OK, f"{len(products):,} products")


def _search(settings: Settings) -> Check:
    recommender = Recommender(settings)
    ready = [status.backbone.name for status in recommender.statuses() if status.is_ready]
    for name in ready:
        if problem := recommender.search_problem(BACKBONES[name]):
            raise problem
    if not ready:
        raise VectorsError(
            "Expected a backbone with the catalogue's vectors, found none.",
            remedies=(EncodeCatalogue(BUNDLED_CHOICE.name),),
        )
    return Check("search", State.OK, f"{len(ready)} of {len(BACKBONES)} backbones are ready: {', '.join(ready)}")


def _index(settings: Settings) -> Check:
    recommender = Recommender(settings)
    texts, state = [], State.OK
    for backbone in (status.backbone for status in recommender.statuses() if status.is_ready):
        recalls = recommender.recalls(backbone)
        if recalls:
            texts.append(f"{backbone.name}: {recalls_text(recalls)}")
            state = State.WARNING if min(recalls.values()) < ENOUGH else state
    return Check("index", state, "; ".join(texts) or "none: all vectors are compared")
