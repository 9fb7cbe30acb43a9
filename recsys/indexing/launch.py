"""Starting background jobs in their own processes, without loading the code that they run."""

import os
import re
import sys
from pathlib import Path

from embeddings.models.backbones import Backbone
from recsys.database.engines import ADDRESS_VARIABLE, records_address, sqlite_path
from recsys.database.locks import Locks
from recsys.indexing.jobs import Jobs
from recsys.settings import Settings

STUDY_JOB, CATALOGUE_JOB = "study", "catalogue"
"""The jobs that exist once, besides one per backbone; the catalogue's is an import or share by the command line."""

_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|TZ|TMPDIR|VIRTUAL_ENV|LD_LIBRARY_PATH|LC_.*|XDG_.*|PYTHON.*|KERAS_HOME|OMP_.*"
    r"|SSL_CERT_.*|.*_CA_BUNDLE|(?i:(http|https|no|all)_proxy)"
)


def jobs_of(settings: Settings) -> Jobs:
    """The background jobs of the data home; a job is named after its backbone.

    If records are in PostgreSQL, several machines may share them, and then the jobs, too. Raises RecordsError.
    """
    address = records_address(settings)
    return Jobs(settings.cache / "jobs", locks=None if sqlite_path(address) else Locks(address))


def only_here(settings: Settings) -> str:
    """A warning for machines that share an address but have separate records; empty if there is nothing to warn of."""
    if not settings.cache_address or sqlite_path(records_address(settings)) is None:
        return ""
    return (
        "records are in SQLite, so other machines at RECSYS_CACHE see neither running jobs nor invitations: "
        f"import, embed and share on one machine only, or set {ADDRESS_VARIABLE}"
    )


def start_preparation(settings: Settings, backbone: Backbone) -> bool:
    """Prepare the backbone in a separate process, unless any is being prepared; return whether it was started.

    The process ends with this one, unless the settings let jobs outlive the app.
    """
    return start_job(settings, backbone.name, "recsys.indexing.preparation", backbone.name, kind="preparation")


def start_study_preparation(settings: Settings) -> bool:
    """Prepare the study's eight in a separate process, as `start_preparation` does one backbone."""
    return start_job(settings, STUDY_JOB, "recsys.indexing.preparation", STUDY_JOB, kind="preparation")


def start_job(settings: Settings, name: str, module: str, *arguments: str, kind: str = "") -> bool:
    """Run a module as the job `name`, with its arguments and the job's lock; return whether it was started.

    The job learns the records' address only if it needs it for owning the job, and a bucket's keys only if vectors are
    in one. Raises RecordsError.
    """
    address = records_address(settings)
    shared = {} if sqlite_path(address) else {ADDRESS_VARIABLE: address.render_as_string(hide_password=False)}
    if settings.cache_address.startswith("s3://"):
        shared |= {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    environment = {
        **shared,
        **clean_environment(),
        "RECSYS_HOME": str(settings.home.resolve()),
        "RECSYS_CACHE": settings.cache_address,
        "RECSYS_INDEX_ABOVE": str(settings.index_above),
        "RECSYS_WEIGHTS_MIRROR": settings.weights_mirror,
        "RECSYS_PRECISION": settings.precision,
    }
    command = [sys.executable, "-m", module, *arguments]
    return jobs_of(settings).start(
        name,
        command,
        environment,
        Path(__file__).parents[2],
        kind=kind,
        ends_with_us=bool(kind) and not settings.jobs_outlive,
    )


def clean_environment() -> dict[str, str]:
    """The environment for a job: where things are, and none of the app's secrets."""
    return {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
